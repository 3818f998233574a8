package io.steward.helm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Values the chart ships, as somebody would install it with them.
@SuppressWarnings("ImmutableEnumChecker") // What was rendered is kept, and stays the same.
enum ValueSet {
  TRIAL("values-trial.yaml"),
  PRODUCTION("values-production.yaml"),
  HARDENED("values-production.yaml", "values-hardened.yaml");

  /// A Kubernetes of now, and the one a build machine can have.
  static final List<String> KUBERNETES = List.of("1.34.0", "1.20.2");

  private static final YAMLMapper YAML = new YAMLMapper();

  static final Path CHART = Path.of("steward").toAbsolutePath();
  static final String RELEASE = "steward";
  static final String NAMESPACE = "steward";

  private final List<String> files;
  private final Map<String, List<JsonNode>> rendered = new ConcurrentHashMap<>();

  ValueSet(String... files) {
    this.files = List.of(files);
  }

  List<Path> files() {
    return files.stream().map(CHART::resolve).toList();
  }

  /// What Helm makes of it, as text. Hooks are no part of that, so the job for the topics is none;
  /// and nobody asks a cluster for Secrets of before.
  ///
  /// @param more single values, by path
  String text(String kubernetes, Map<String, ?> more) {
    TemplateCommand command =
        new Helm(CHART)
            .template()
            .withName(RELEASE)
            .withNamespace(NAMESPACE)
            .withKubeVersion(kubernetes)
            .set("trial.lookup", false)
            .set("topics.hook", false);
    files().forEach(command::withValuesFile);
    more.forEach(command::set);
    return command.call();
  }

  /// The objects in it, as trees.
  List<JsonNode> objects(String kubernetes) {
    return rendered.computeIfAbsent(kubernetes, version -> objectsOf(text(version, Map.of())));
  }

  /// The objects in a text with several documents of YAML.
  static List<JsonNode> objectsOf(String text) {
    return Arrays.stream(text.split("(?m)^---\\s*$"))
        .map(ValueSet::tree)
        .filter(JsonNode::isObject)
        .toList();
  }

  private static JsonNode tree(String document) {
    try {
      return YAML.readTree(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Helm wrote what is no YAML", e);
    }
  }
}
