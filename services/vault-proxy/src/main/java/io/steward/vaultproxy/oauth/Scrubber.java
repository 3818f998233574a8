package io.steward.vaultproxy.oauth;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.steward.vaultproxy.vault.SecretValue;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Takes secrets out of foreign text: known ones in every usual spelling, and whatever stands in a
/// field that holds a token.
///
/// @param spellings longest first
record Scrubber(List<String> spellings) {
  private static final String HIDDEN = "***";
  private static final String NAMES =
      "(access_token|refresh_token|id_token|client_secret|client_assertion)";
  private static final Pattern JSON_FIELD =
      Pattern.compile("\"" + NAMES + "\"(\\s{0,10}:\\s{0,10})\"[^\"]*+");
  private static final Pattern FORM_FIELD = Pattern.compile("\\b" + NAMES + "=[^&\\s\"'<>]*+");

  Scrubber {
    spellings = List.copyOf(spellings);
  }

  static Scrubber of(Collection<SecretValue> secrets) {
    return new Scrubber(
        secrets.stream()
            .map(SecretValue::text)
            .filter(text -> !text.isEmpty())
            .flatMap(Scrubber::spelled)
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList());
  }

  private static Stream<String> spelled(String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    String form = URLEncoder.encode(secret, StandardCharsets.UTF_8);
    return Stream.of(
        secret,
        form,
        form.replace("+", "%20"),
        new String(JsonStringEncoder.getInstance().quoteAsString(secret)),
        Base64.getEncoder().withoutPadding().encodeToString(bytes),
        Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /// @param whole whether the text was not cut off: where it was, half a secret may stand at its
  ///   end, and goes, too
  String scrub(String text, boolean whole) {
    String scrubbed = text;
    for (String spelling : spellings) {
      scrubbed = scrubbed.replace(spelling, HIDDEN);
    }
    if (!whole && !spellings.isEmpty()) {
      int longest = spellings.getFirst().length();
      scrubbed = scrubbed.substring(0, Math.max(0, scrubbed.length() - longest));
    }
    scrubbed = JSON_FIELD.matcher(scrubbed).replaceAll("\"$1\"$2\"" + HIDDEN);
    return FORM_FIELD.matcher(scrubbed).replaceAll("$1=" + HIDDEN);
  }
}
