package io.steward.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// An object that makes pods.
///
/// @param component what the chart calls it: `harness`, `topics`, `trial-kafka`
/// @param pod the spec of its pods
record Workload(String component, JsonNode object, JsonNode pod) {
  private static final Set<String> KINDS = Set.of("Deployment", "StatefulSet", "Job");

  static List<Workload> of(List<JsonNode> objects) {
    return objects.stream()
        .filter(object -> KINDS.contains(object.path("kind").asText("")))
        .map(object ->
            new Workload(
                label(object.at("/spec/template"), "app.kubernetes.io/component"),
                object,
                object.at("/spec/template/spec")))
        .toList();
  }

  /// Whether it is one of the five services.
  boolean isService() {
    return !component.startsWith("trial-") && !component.equals("topics");
  }

  JsonNode container() {
    return pod.at("/containers/0");
  }

  Stream<JsonNode> containers() {
    List<JsonNode> all = new ArrayList<>();
    pod.path("initContainers").forEach(all::add);
    pod.path("containers").forEach(all::add);
    return all.stream();
  }

  /// Names of the variables, in order.
  List<String> variables() {
    return variables(container());
  }

  static List<String> variables(JsonNode container) {
    List<String> names = new ArrayList<>();
    container.path("env").forEach(variable -> names.add(variable.path("name").asText("")));
    return names;
  }

  /// The text of a variable, or empty when it has none or comes from somewhere else.
  String variable(String name) {
    for (JsonNode variable : container().path("env")) {
      if (variable.path("name").asText("").equals(name)) {
        return variable.path("value").asText("");
      }
    }
    return "";
  }

  static String label(JsonNode object, String name) {
    return object.path("metadata").path("labels").path(name).asText("");
  }
}
