package io.steward.harness.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.schemas.agent.ToolConfig;
import io.steward.schemas.event.RequestUsage;
import io.steward.schemas.model.CatalogModel;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.sandbox.ToolResult.Outcome;
import io.steward.schemas.session.ToolCall;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Values of labels come from small sets, whatever sessions are made of.
class LabelsTest {
  private static final ModelCatalog CATALOG = ModelCatalog.shipped();

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final TurnMeters meters = new Metrics(registry, CATALOG).turns();

  @Test
  void a_model_the_catalog_does_not_serve_is_other() {
    String known = CATALOG.named().getFirst().id();

    assertEquals(known, TurnMeters.modelLabel(CATALOG, known));
    assertEquals("other", TurnMeters.modelLabel(CATALOG, "a*b"));
  }

  @Test
  void whatever_comes_the_values_of_each_label_are_of_a_fixed_set() {
    for (int i = 0; i < 100; i++) {
      RequestEnd end = RequestEnd.values()[i % RequestEnd.values().length];
      meters.modelAnswered("made-up-" + i, end, RequestUsage.NONE, null);
      meters.toolAnswered(call(ToolCall.Kind.MCP, "mcp_" + i), Outcome.COMPLETED);
      meters.toolAnswered(call(ToolCall.Kind.BUILT_IN, "invented_" + i), Outcome.FAILED);
      meters.failed("an_error_" + i);
    }
    ToolConfig.NAMES.forEach(
        name -> meters.toolAnswered(call(ToolCall.Kind.BUILT_IN, name), Outcome.UNKNOWN));

    Set<String> tools = new HashSet<>(ToolConfig.NAMES);
    tools.addAll(Set.of("mcp", "other"));
    Set<String> errors = new HashSet<>(ErrorLabel.TYPES);
    errors.add("other");
    Set<String> outcomes = new HashSet<>(names(Outcome.values()));
    outcomes.addAll(names(Metrics.Written.values()));
    outcomes.addAll(names(Metrics.Speculated.values()));
    outcomes.addAll(names(RequestEnd.values()));
    Map<String, Set<String>> allowed =
        Map.ofEntries(
            Map.entry("model", models()),
            Map.entry("kind", Set.of("input", "output", "cache_write", "cache_read")),
            Map.entry("outcome", outcomes),
            Map.entry("tool", tools),
            Map.entry("type", errors),
            Map.entry("end", names(TurnEnd.values())),
            Map.entry("waits_for", names(Activity.values())),
            Map.entry("cause", names(Metrics.Cause.values())),
            Map.entry("topic", Set.of("session-events", "tool-results", "session-snapshots")),
            Map.entry("place", Set.of("sandbox", "outside")),
            Map.entry("speculated", Set.of("true", "false")));
    Set<String> strangers = new TreeSet<>();
    for (Meter meter : registry.getMeters()) {
      for (Tag tag : meter.getId().getTags()) {
        // Micrometer's own label of a histogram's bucket.
        if (!tag.getKey().equals("le")
            && !allowed.getOrDefault(tag.getKey(), Set.of()).contains(tag.getValue())) {
          strangers.add(meter.getId().getName() + " " + tag);
        }
      }
    }
    assertEquals(Set.of(), strangers);
  }

  private static Set<String> models() {
    Set<String> ids =
        CATALOG.named().stream()
            .map(CatalogModel::id)
            .collect(Collectors.toCollection(HashSet::new));
    Stream.of("made-up-0", "made-up-99")
        .map(id -> TurnMeters.modelLabel(CATALOG, id))
        .forEach(ids::add);
    return ids;
  }

  private static Set<String> names(Enum<?>... values) {
    return Arrays.stream(values)
        .map(value -> value.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  private static ToolCall call(ToolCall.Kind kind, String name) {
    return new ToolCall(
        "sevt_1",
        null,
        kind,
        null,
        name,
        JsonNodeFactory.instance.objectNode(),
        ToolCall.State.RUNNING,
        null,
        null);
  }
}
