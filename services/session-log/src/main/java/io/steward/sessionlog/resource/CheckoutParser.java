package io.steward.sessionlog.resource;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.resource.SessionResource.Checkout;
import io.steward.sessionlog.http.Field;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads what of a repository is to be checked out.
final class CheckoutParser {
  private static final int BRANCH_CHARS_MAX = 244;
  private static final Pattern SHA = Pattern.compile("[0-9a-fA-F]{40}");
  private static final Pattern FORBIDDEN = Pattern.compile("[\\x00-\\x20\\x7f~^:?*\\[\\\\]");

  private CheckoutParser() {}

  /// Null stands for the repository's default branch.
  ///
  /// @throws ApiException 400 when it is neither a branch nor a commit
  static @Nullable Checkout read(Field checkout) {
    if (checkout.absent()) {
      return null;
    }
    Field type = checkout.field("type");
    return switch (type.text()) {
      case "branch" -> new Checkout.Branch(branch(checkout.field("name")));
      case "commit" -> new Checkout.Commit(sha(checkout.field("sha")));
      default -> throw type.refused("must be one of \"branch\", \"commit\"");
    };
  }

  private static String sha(Field field) {
    String sha = field.text();
    if (!SHA.matcher(sha).matches()) {
      throw field.refused("must be a full commit id of 40 hexadecimal digits");
    }
    return sha;
  }

  /// As `git check-ref-format --branch` has it.
  private static String branch(Field field) {
    String name = field.text(1, BRANCH_CHARS_MAX);
    boolean valid =
        !FORBIDDEN.matcher(name).find()
            && !name.startsWith("-")
            && !name.endsWith(".")
            && !name.contains("..")
            && !name.contains("@{")
            && !name.equals("@")
            && !name.equals("HEAD")
            && List.of(name.split("/", -1)).stream().allMatch(CheckoutParser::isComponent);
    if (!valid) {
      throw field.refused("must be the name of a git branch");
    }
    return name;
  }

  private static boolean isComponent(String part) {
    return !part.isEmpty() && !part.startsWith(".") && !part.endsWith(".lock");
  }
}
