package io.steward.devbox.settings;

import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.model.Provider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The variables that providers of a catalog take their keys from. Only the harness gets them.
public final class ModelKeys {
  private static final List<String> AWS = List.of("AWS_");
  private static final List<String> GOOGLE = List.of("GOOGLE_", "CLOUDSDK_");

  private ModelKeys() {}

  /// Those of the catalog in `file`, or of the shipped one.
  ///
  /// @throws StartRefused when the catalog cannot be used, with the sentence that says why
  public static Map<String, Secret> of(Optional<Path> file, Map<String, String> environment)
      throws StartRefused {
    try {
      Map<String, Secret> keys = new TreeMap<>();
      for (Provider provider : ModelCatalog.load(file).providers().values()) {
        environment.forEach((name, value) -> {
          if (reads(provider, name)) {
            keys.put(name, new Secret(value));
          }
        });
      }
      return keys;
    } catch (IOException e) {
      throw new StartRefused("The models cannot be used: " + e.getMessage(), e);
    }
  }

  private static boolean reads(Provider provider, String variable) {
    @Nullable String named = provider.apiKeyEnv();
    List<String> prefixes =
        switch (provider.kind()) {
          case BEDROCK -> AWS;
          case VERTEX -> GOOGLE;
          case ANTHROPIC, OPENAI -> List.of();
        };
    return variable.equals(named) || prefixes.stream().anyMatch(variable::startsWith);
  }
}
