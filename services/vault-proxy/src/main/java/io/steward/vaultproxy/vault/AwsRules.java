package io.steward.vaultproxy.vault;

import io.steward.vaultproxy.vault.AuthRules.AuthChange;
import io.steward.vaultproxy.vault.CredentialAuth.AwsSigv4;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The rules of `auth` of the type `x_aws_sigv4`. Source: ADR 22.
final class AwsRules {
  private static final int ID_CHARS_MAX = 128;
  private static final int NAMES_MAX = 16;
  private static final int NAME_CHARS_MAX = 64;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.-]+");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");

  private AwsRules() {}

  static AuthChange create(Field auth) {
    Map<SecretField, SecretValue> secrets = new EnumMap<>(SecretField.class);
    secrets.put(SecretField.SECRET_ACCESS_KEY, auth.field("secret_access_key").secret());
    Field token = auth.field("session_token");
    Field tokenName = auth.field("session_token_name");
    if (!token.absent()) {
      secrets.put(SecretField.SESSION_TOKEN, token.token());
    } else if (!tokenName.absent()) {
      throw tokenName.refused("there is no session_token to put into that variable");
    }
    AwsSigv4 aws =
        new AwsSigv4(
            id(auth.field("access_key_id")),
            variable(auth.field("access_key_id_name"), "AWS_ACCESS_KEY_ID"),
            variable(auth.field("secret_access_key_name"), "AWS_SECRET_ACCESS_KEY"),
            token.absent() ? null : variable(tokenName, "AWS_SESSION_TOKEN"),
            HostRules.read(auth.field("networking")),
            names(auth.field("regions"), List.of()),
            names(auth.field("services"), List.of()));
    if (Set.copyOf(aws.variables()).size() < aws.variables().size()) {
      throw auth.refused("its variables must have different names");
    }
    return new AuthChange(aws, secrets);
  }

  static AuthChange update(AwsSigv4 current, Field patch) {
    Map<SecretField, SecretValue> secrets = new EnumMap<>(SecretField.class);
    for (String settled :
        List.of("access_key_id_name", "secret_access_key_name", "session_token_name")) {
      patch.field(settled).requireUnchanged();
    }
    Field key = patch.field("secret_access_key");
    if (!key.absent()) {
      secrets.put(SecretField.SECRET_ACCESS_KEY, key.secret());
    }
    patchToken(current.sessionTokenName(), patch.field("session_token"), secrets);
    Field id = patch.field("access_key_id");
    Field networking = patch.field("networking");
    return new AuthChange(
        new AwsSigv4(
            id.absent() ? current.accessKeyId() : id(id),
            current.accessKeyIdName(),
            current.secretAccessKeyName(),
            current.sessionTokenName(),
            networking.absent() ? current.networking() : HostRules.read(networking),
            names(patch.field("regions"), current.regions()),
            names(patch.field("services"), current.services())),
        secrets);
  }

  private static void patchToken(
      @Nullable String variable, Field token, Map<SecretField, SecretValue> secrets) {
    if (token.absent()) {
      return;
    }
    if (variable == null) {
      throw token.unusable(
          "this credential was created without it: archive it and create another one");
    }
    secrets.put(SecretField.SESSION_TOKEN, token.token());
  }

  private static String id(Field field) {
    String id = field.text(1, ID_CHARS_MAX);
    if (!ID.matcher(id).matches()) {
      throw field.refused("must have letters, digits, _, . and - only");
    }
    return id;
  }

  private static String variable(Field name, String usual) {
    return name.absent() ? usual : AuthRules.variable(name);
  }

  /// Regions or services; `otherwise` when the field is missing or null.
  private static List<String> names(Field field, List<String> otherwise) {
    return field.absent()
        ? otherwise
        : field.elements(NAMES_MAX).stream().map(AwsRules::name).distinct().toList();
  }

  private static String name(Field field) {
    String name = field.text(1, NAME_CHARS_MAX);
    if (!NAME.matcher(name).matches()) {
      throw field.refused("must be a name as it stands in a signature, such as eu-central-1 or s3");
    }
    return name;
  }
}
