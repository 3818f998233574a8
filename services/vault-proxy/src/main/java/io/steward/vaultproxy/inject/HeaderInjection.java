package io.steward.vaultproxy.inject;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Puts secrets into the values of headers, also where `Authorization: Basic` hides a placeholder
/// in base64. Values are texts of bytes (ISO 8859-1), as HTTP has them.
public final class HeaderInjection {
  /// Replacements in one value.
  static final int HITS_MAX = 16;

  private static final String AUTHORIZATION = "authorization";
  private static final Pattern BASIC =
      Pattern.compile("([Bb][Aa][Ss][Ii][Cc] +)([A-Za-z0-9+/]+=*)");

  private final List<Replacement> replacements = new ArrayList<>();
  private final Set<String> unfit = new HashSet<>();

  /// What becomes of a value.
  public sealed interface Outcome {}

  /// @param credentialIds of the secrets that are in it now; empty when nothing was replaced
  /// @param echoes what to look for beside the secrets themselves when the answer comes back
  public record Value(String text, Set<String> credentialIds, List<Replacement> echoes)
      implements Outcome {
    @Override
    public String toString() {
      return "Value" + credentialIds;
    }
  }

  /// It must not be sent.
  public record Unfit(String sentence) implements Outcome {}

  /// @param injections those for the host the request goes to
  public HeaderInjection(List<Injection> injections) {
    for (Injection injection : injections) {
      if (injection.form() instanceof Injection.Replace replace && replace.header()) {
        replacements.add(replace.replacement(injection.credentialId()));
        if (!replace.fitsHeader()) {
          unfit.add(injection.credentialId());
        }
      }
    }
  }

  public Outcome apply(String name, String value) {
    if (replacements.isEmpty()) {
      return new Value(value, Set.of(), List.of());
    }
    Matcher basic = BASIC.matcher(value);
    if (name.equalsIgnoreCase(AUTHORIZATION) && basic.matches()) {
      return basic(value, basic.group(1), basic.group(2));
    }
    return replaced(value.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Outcome basic(String value, String scheme, String base64) {
    byte[] plain;
    try {
      plain = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return replaced(value.getBytes(StandardCharsets.ISO_8859_1));
    }
    return switch (replaced(plain)) {
      case Unfit unfit -> unfit;
      case Value inside when inside.credentialIds().isEmpty() ->
          replaced(value.getBytes(StandardCharsets.ISO_8859_1));
      case Value inside -> encoded(scheme, base64, inside);
    };
  }

  private static Value encoded(String scheme, String before, Value inside) {
    String encoded =
        Base64.getEncoder().encodeToString(inside.text().getBytes(StandardCharsets.ISO_8859_1));
    Replacement echo =
        new Replacement(
            encoded.getBytes(StandardCharsets.US_ASCII),
            before.getBytes(StandardCharsets.US_ASCII),
            inside.credentialIds().iterator().next());
    return new Value(scheme + encoded, inside.credentialIds(), List.of(echo));
  }

  private Outcome replaced(byte[] value) {
    ByteReplacer replacer = new ByteReplacer(replacements, HITS_MAX);
    String text;
    try {
      text =
          new String(replacer.feed(value), StandardCharsets.ISO_8859_1)
              + new String(replacer.end(), StandardCharsets.ISO_8859_1);
    } catch (ByteReplacer.TooManyException e) {
      return new Unfit("A header may hold at most " + HITS_MAX + " placeholders.");
    }
    Set<String> used = new LinkedHashSet<>(replacer.used());
    for (String credentialId : used) {
      if (unfit.contains(credentialId)) {
        return new Unfit(
            "The secret of the credential "
                + credentialId
                + " holds a line break or a zero byte, so it cannot be sent in a header.");
      }
    }
    return new Value(text, Set.copyOf(used), List.of());
  }
}
