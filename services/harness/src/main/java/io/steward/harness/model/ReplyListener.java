package io.steward.harness.model;

import io.steward.schemas.preview.PreviewFrame;
import java.util.function.Consumer;

/// Hears how a model request goes while it runs. What it is told comes from one thread; it must not
/// block or throw.
@FunctionalInterface
public interface ReplyListener extends Consumer<PreviewFrame> {
  /// What can be shown of the reply.
  @Override
  void accept(PreviewFrame frame);

  /// The request has waited for its turn and goes to the provider now.
  default void sent() {}

  /// Something of the reply came, whether it can be shown or not.
  default void heard() {}

  /// The request is over.
  default void ended() {}
}
