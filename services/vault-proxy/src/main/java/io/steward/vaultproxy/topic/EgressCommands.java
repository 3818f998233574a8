package io.steward.vaultproxy.topic;

import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.json.Json;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.RecordHandler;
import io.steward.schemas.kafka.UnreadableRecordException;
import io.steward.vaultproxy.repository.Clones;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Records of `egress-commands`.
public final class EgressCommands implements RecordHandler {
  /// What can be a part of a blob's key.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}");

  private final Clones clones;

  public EgressCommands(Clones clones) {
    this.clones = clones;
  }

  @Override
  public void handle(RecordFormat.Decoded decoded, Runnable acknowledge)
      throws UnreadableRecordException {
    switch (command(decoded)) {
      case EgressCommand.CloneRepository clone ->
          clones.clone(clone, decoded.envelope().workspaceId(), acknowledge);
      case EgressCommand.ForgetSession forget -> clones.forget(forget, acknowledge);
    }
  }

  private static EgressCommand command(RecordFormat.Decoded decoded)
      throws UnreadableRecordException {
    EgressCommand command;
    try {
      command = Json.read(decoded.json(), EgressCommand.class);
    } catch (UncheckedIOException e) {
      throw new UnreadableRecordException("the body is not a command this service knows", e);
    }
    boolean complete =
        switch (command) {
          case EgressCommand.CloneRepository clone ->
              isPresent(clone.sessionId())
                  && isName(clone.resourceId())
                  && isName(clone.attempt())
                  && isPresent(clone.url());
          case EgressCommand.ForgetSession forget -> isPresent(forget.sessionId());
        };
    if (!complete) {
      throw new UnreadableRecordException("a required field of the command is missing or no name");
    }
    return command;
  }

  private static boolean isName(@Nullable String text) {
    return text != null && NAME.matcher(text).matches();
  }

  /// JSON may leave out what the type says is there.
  private static boolean isPresent(@Nullable Object value) {
    return value != null;
  }
}
