package io.steward.schemas.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.event.EventTypes;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.json.Json;
import io.steward.schemas.record.SessionRecord;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Schemas, golden examples and Java types say the same.
class ContractTest {
  @Test
  void every_event_type_has_a_class_and_a_schema_file() {
    Set<String> permitted =
        leaves(SessionEvent.class).map(ContractTest::wireName).collect(Collectors.toSet());

    assertEquals(new TreeSet<>(EventTypes.known()), new TreeSet<>(permitted));
    assertEquals(new TreeSet<>(EventTypes.known()), ContractFiles.schemas("events").keySet());
  }

  @Test
  void every_record_type_of_ours_has_a_schema_file() {
    Set<String> expected =
        WireType.all().entrySet().stream()
            .filter(entry -> SessionRecord.class.isAssignableFrom(entry.getValue()))
            .map(Map.Entry::getKey)
            .collect(Collectors.toCollection(TreeSet::new));
    long internal = SessionRecord.class.getPermittedSubclasses().length - 2L;

    assertEquals(expected, ContractFiles.schemas("records").keySet());
    assertEquals(internal, expected.size(), "all but EventRecorded and Unrecognized");
  }

  @Test
  void every_message_has_a_java_type_and_every_java_type_a_schema() {
    Set<String> withSchema = new TreeSet<>(ContractFiles.messages().keySet());
    withSchema.remove(WireType.WITHOUT_CLASS);

    assertEquals(new TreeSet<>(WireType.all().keySet()), withSchema);
  }

  @Test
  void every_type_has_a_golden_example_and_every_example_a_type() {
    assertEquals(
        ContractFiles.messages().keySet(),
        ContractFiles.examples().stream()
            .map(ContractFiles::typeOf)
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void every_golden_example_is_valid() {
    for (var example : ContractFiles.examples()) {
      var schema = ContractFiles.messages().get(ContractFiles.typeOf(example));
      assertTrue(schema != null, example::toString);
      assertEquals(
          List.of(),
          ContractFiles.violations(schema, ContractFiles.read(example)),
          example::toString);
    }
  }

  @Test
  void an_example_without_a_required_field_is_not_valid() {
    for (var example : ContractFiles.examples()) {
      var schema = ContractFiles.messages().get(ContractFiles.typeOf(example));
      assertTrue(schema != null);
      for (JsonNode required : ContractFiles.read(schema).get("required")) {
        ObjectNode less = ContractFiles.read(example).deepCopy();
        less.remove(required.asText());
        assertFalse(
            ContractFiles.violations(schema, less).isEmpty(), example + " without " + required);
      }
    }
  }

  @Test
  void every_golden_example_is_read_and_written_back_as_it_was() {
    for (var example : withClass()) {
      JsonNode json = ContractFiles.read(example);
      assertEquals(
          json, WireType.readAndWrite(ContractFiles.typeOf(example), json), example::toString);
    }
  }

  @Test
  void a_field_of_a_later_version_is_ignored() {
    for (var example : withClass()) {
      JsonNode json = ContractFiles.read(example);
      ObjectNode more = json.deepCopy();
      more.putObject("x_of_a_later_version").put("a", 1);
      assertEquals(
          json, WireType.readAndWrite(ContractFiles.typeOf(example), more), example::toString);
    }
  }

  @Test
  void a_field_of_a_later_version_is_valid() {
    for (var example : ContractFiles.examples()) {
      ObjectNode more = ContractFiles.read(example).deepCopy();
      more.put("x_of_a_later_version", 1);
      var schema = ContractFiles.messages().get(ContractFiles.typeOf(example));
      assertTrue(schema != null);
      assertEquals(List.of(), ContractFiles.violations(schema, more), example::toString);
    }
  }

  @Test
  void schemas_of_events_name_the_fields_of_their_records() {
    leaves(SessionEvent.class)
        .forEach(type -> assertSameFields(type, wireName(type), Set.of("type")));
  }

  @Test
  void schemas_of_internal_records_name_the_fields_of_their_records() {
    WireType.all().entrySet().stream()
        .filter(entry -> SessionRecord.class.isAssignableFrom(entry.getValue()))
        .forEach(entry -> assertSameFields(entry.getValue(), entry.getKey(), Set.of()));
  }

  @Test
  void every_property_is_described_and_every_schema_says_since_when() {
    for (var file : ContractFiles.allSchemas()) {
      JsonNode schema = ContractFiles.read(file);
      assertTrue(
          schema.path("x-since").asText().matches("[0-9]+\\.[0-9]+\\.[0-9]+"), file::toString);
      assertTrue(schema.hasNonNull("title"), file::toString);
      for (JsonNode properties : schema.findValues("properties")) {
        properties
            .properties()
            .forEach(property ->
                assertTrue(
                    property.getValue().path("description").asText().endsWith("."),
                    () -> file + ": " + property.getKey() + " has no description"));
      }
    }
  }

  private static List<java.nio.file.Path> withClass() {
    return ContractFiles.examples().stream()
        .filter(example -> !ContractFiles.typeOf(example).equals(WireType.WITHOUT_CLASS))
        .toList();
  }

  private static void assertSameFields(Class<?> type, String wireType, Set<String> more) {
    Set<String> fields = new TreeSet<>(more);
    Set<String> required = new TreeSet<>(more);
    for (RecordComponent component : type.getRecordComponents()) {
      String name =
          PropertyNamingStrategies.SnakeCaseStrategy.INSTANCE.translate(component.getName());
      fields.add(name);
      if (alwaysPresent(type, component)) {
        required.add(name);
      }
    }
    var file = ContractFiles.messages().get(wireType);
    assertTrue(file != null, wireType);
    JsonNode schema = ContractFiles.read(file);
    Set<String> described = new TreeSet<>();
    schema.get("properties").fieldNames().forEachRemaining(described::add);
    Set<String> demanded = new TreeSet<>();
    schema.get("required").forEach(name -> demanded.add(name.asText()));

    assertEquals(fields, described, wireType);
    assertEquals(required, demanded, wireType + ": required");
  }

  private static boolean alwaysPresent(Class<?> type, RecordComponent component) {
    boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    var property =
        Json.mapper()
            .getSerializationConfig()
            .introspect(Json.mapper().constructType(type))
            .findProperties()
            .stream()
            .filter(candidate -> candidate.getInternalName().equals(component.getName()))
            .findFirst()
            .orElseThrow();
    return !nullable || property.findInclusion().getValueInclusion() == JsonInclude.Include.ALWAYS;
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    return type.isSealed()
        ? Stream.of(type.getPermittedSubclasses()).flatMap(ContractTest::leaves).distinct()
        : Stream.of(type);
  }

  private static String wireName(Class<?> eventClass) {
    return Stream.of(
            java.util.Objects.requireNonNull(
                    SessionEvent.class.getAnnotation(
                        com.fasterxml.jackson.annotation.JsonSubTypes.class))
                .value())
        .filter(entry -> entry.value().equals(eventClass))
        .map(com.fasterxml.jackson.annotation.JsonSubTypes.Type::name)
        .findFirst()
        .orElse("(not registered: " + eventClass.getSimpleName() + ")");
  }
}
