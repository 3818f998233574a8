package io.steward.harness.stage;

import io.steward.harness.takeover.PartitionOwner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives every test class that asks for it the same stage with a harness running on it.
public final class RunningHarness implements ParameterResolver {
  private record Running(Stage stage, PartitionOwner harness) implements AutoCloseable {
    static Running start() {
      try {
        Path directory = Files.createTempDirectory(Path.of("target"), "stage");
        Stage stage = new Stage(directory);
        PartitionOwner harness = stage.harness();
        harness.start();
        Stage.await("ready", harness::isReady);
        return new Running(stage, harness);
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws Exception {
      harness.stop(Duration.ZERO);
      stage.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Stage.class;
  }

  @Override
  public Stage resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .computeIfAbsent("running", _ -> Running.start(), Running.class)
        .stage();
  }
}
