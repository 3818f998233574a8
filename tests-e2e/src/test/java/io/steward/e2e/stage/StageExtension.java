package io.steward.e2e.stage;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives test classes the one stage of the run: set up by the first that asks, taken down at the
/// end. A stage that cannot be set up fails every test at once instead of being tried again.
public final class StageExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(StageExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Stage.class;
  }

  @Override
  public Stage resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(SharedStage.class, key -> new SharedStage(), SharedStage.class)
        .stage();
  }

  private static final class SharedStage implements AutoCloseable {
    private final @Nullable Stage stage;
    private final @Nullable Throwable failure;

    SharedStage() {
      Stage set = null;
      Throwable failed = null;
      try {
        if (Stage.isInContainers() && !Boolean.getBoolean("steward.e2e.images-made")) {
          Containers.buildImages();
        }
        set = Stage.set("shared");
      } catch (Exception | AssertionError e) {
        failed = e;
      }
      stage = set;
      failure = failed;
    }

    Stage stage() {
      if (stage == null) {
        throw new IllegalStateException("the stage could not be set up", failure);
      }
      return stage;
    }

    @Override
    public void close() throws Exception {
      if (stage != null) {
        stage.close();
      }
    }
  }
}
