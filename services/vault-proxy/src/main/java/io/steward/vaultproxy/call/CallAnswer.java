package io.steward.vaultproxy.call;

import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.sandbox.ToolResult;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of a call, as the model reads it.
///
/// @param content never empty
/// @param whole the whole of a text that `content` has only the beginning of, or null
public record CallAnswer(
    Outcome outcome, boolean isError, List<ContentBlock> content, @Nullable String whole) {
  public CallAnswer {
    content = List.copyOf(content);
  }

  public CallAnswer(Outcome outcome, boolean isError, List<ContentBlock> content) {
    this(outcome, isError, content, null);
  }

  /// It went well, and this is what came of it.
  ///
  /// @param text of any length; the model reads the beginning of a long one
  public static CallAnswer of(String text) {
    boolean isLong = text.length() > ToolResult.TEXT_CHARS_MAX;
    return new CallAnswer(
        Outcome.COMPLETED,
        false,
        List.of(new ContentBlock.Text(isLong ? beginning(text, ToolResult.TEXT_CHARS_MAX) : text)),
        isLong ? text : null);
  }

  /// The beginning of a text, never half of a character.
  public static String beginning(String text, int charsMax) {
    if (text.length() <= charsMax) {
      return text;
    }
    boolean half = charsMax > 0 && Character.isHighSurrogate(text.charAt(charsMax - 1));
    return text.substring(0, half ? charsMax - 1 : charsMax);
  }

  /// Something went wrong, and this says what.
  public static CallAnswer error(Outcome outcome, String text) {
    return new CallAnswer(outcome, true, List.of(new ContentBlock.Text(text)));
  }

  /// The call was started, and nobody can say how far it came.
  ///
  /// @param because completes the sentence "is unknown because …"
  public static CallAnswer unknown(String because) {
    return error(
        Outcome.UNKNOWN,
        "The outcome of this call is unknown because "
            + because
            + ". It may have run completely, partly or not at all. Check before you run it again.");
  }

  ToolResult result(Call call, Duration took) {
    return result(call, took, null);
  }

  /// @param kept where the whole text is
  ToolResult result(Call call, Duration took, ToolResult.@Nullable Kept kept) {
    return new ToolResult(
        call.sessionId(),
        call.toolUseId(),
        outcome,
        isError,
        content,
        took.isNegative() ? 0 : took.toMillis(),
        kept);
  }
}
