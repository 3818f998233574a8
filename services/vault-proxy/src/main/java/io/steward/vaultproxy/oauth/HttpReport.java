package io.steward.vaultproxy.oauth;

import io.steward.vaultproxy.outbound.Answer;
import java.nio.charset.StandardCharsets;

/// The answer of a foreign server, as a client may see it. Source: contract/platform.md §3.6.
///
/// @param contentType empty when there is none
/// @param body up to [#BODY_CHARS_MAX] characters, without secrets
/// @param bodyTruncated whether there was more
public record HttpReport(int statusCode, String contentType, String body, boolean bodyTruncated) {
  static final int BODY_CHARS_MAX = 2_000;
  private static final int TYPE_CHARS_MAX = 200;

  static HttpReport of(Answer.Response response, Scrubber scrubber) {
    Answer.Body received = response.body();
    String body =
        scrubber.scrub(new String(received.bytes(), StandardCharsets.UTF_8), received.whole());
    return new HttpReport(
        response.head().status(),
        cut(scrubber.scrub(response.head().header("content-type"), true), TYPE_CHARS_MAX),
        cut(body, BODY_CHARS_MAX),
        !received.whole() || body.length() > BODY_CHARS_MAX);
  }

  /// Never half of a character.
  private static String cut(String text, int charsMax) {
    if (text.length() <= charsMax) {
      return text;
    }
    boolean half = Character.isHighSurrogate(text.charAt(charsMax - 1));
    return text.substring(0, half ? charsMax - 1 : charsMax);
  }
}
