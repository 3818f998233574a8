package io.steward.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `k8s/steward.yaml` is what the chart renders.
class PlainManifestsTest {
  private static final Path FILE = Path.of("../k8s/steward.yaml");
  private static final String HEAD =
      """
      # The chart helm/steward with values-production.yaml, written by k8s/render. Do not edit what is to last.
      """;

  @Test
  void the_plain_manifests_are_the_chart_with_the_values_of_production() throws IOException {
    String rendered =
        HEAD + ValueSet.PRODUCTION.text(ValueSet.KUBERNETES.getFirst(), Map.of()).strip() + "\n";
    if (Boolean.getBoolean("steward.k8s.write")) {
      Files.writeString(FILE, rendered);
    }

    assertEquals(
        rendered,
        Files.readString(FILE),
        "k8s/steward.yaml is not what the chart renders; run k8s/render");
  }
}
