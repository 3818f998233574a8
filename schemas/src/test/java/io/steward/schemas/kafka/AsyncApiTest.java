package io.steward.schemas.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.schemas.trace.TraceContext;
import io.steward.schemas.vault.AuditRetention;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// `asyncapi.yaml` is written by hand; this keeps it true.
class AsyncApiTest {
  private static final int SESSION_PARTITIONS = 8;

  private final JsonNode api = new YAMLMapper().readTree(Path.of("asyncapi.yaml").toFile());

  @Test
  void every_topic_is_a_channel_and_every_channel_a_topic() {
    Set<String> topics =
        Arrays.stream(Topics.class.getDeclaredFields())
            .filter(field -> Modifier.isPublic(field.getModifiers()))
            .map(AsyncApiTest::value)
            .collect(Collectors.toCollection(TreeSet::new));

    assertEquals(topics, new TreeSet<>(api.get("channels").propertyNames()));
    api.get("channels")
        .properties()
        .forEach(channel ->
            assertEquals(channel.getKey(), channel.getValue().get("address").asString()));
  }

  @Test
  void partitions_retention_and_dead_letters_are_those_topics_are_made_with() {
    var made =
        TopicProvisioning.catalog(SESSION_PARTITIONS, (short) 1, AuditRetention.USUAL).stream()
            .collect(Collectors.toMap(NewTopic::name, topic -> topic));
    Set<String> documented = new TreeSet<>();

    api.get("channels")
        .properties()
        .forEach(entry -> {
          String name = entry.getKey();
          JsonNode channel = entry.getValue();
          NewTopic topic = made.get(name);
          assertTrue(topic != null, name);
          documented.add(name);
          String partitions = channel.get("x-partitions").asString();
          assertEquals(
              partitions.equals("sessions") ? SESSION_PARTITIONS : Integer.parseInt(partitions),
              topic.numPartitions(),
              name);
          JsonNode configuration = channel.at("/bindings/kafka/topicConfiguration");
          assertEquals(
              topic.configs().get("cleanup.policy"),
              configuration.get("cleanup.policy").get(0).asString(),
              name);
          assertEquals(
              topic.configs().get("retention.ms"),
              configuration.has("retention.ms")
                  ? configuration.get("retention.ms").asString()
                  : null,
              name);
          assertTrue(!channel.path("x-record-key").asString("").isEmpty(), name);
          if (channel.get("x-dead-letter").asBoolean()) {
            documented.add(Topics.deadLetter(name));
          }
        });

    assertEquals(new TreeSet<>(made.keySet()), documented);
  }

  @Test
  void every_message_has_a_schema_file_and_every_schema_file_a_message() throws IOException {
    Set<String> payloads = new TreeSet<>();
    api.at("/components/messages")
        .properties()
        .forEach(message -> {
          assertEquals(message.getKey(), message.getValue().get("name").asString());
          payloads.add(message.getValue().at("/payload/$ref").asString().replaceFirst("^\\./", ""));
        });

    Set<String> files = new TreeSet<>();
    for (String folder : Set.of("events", "records", "commands", "previews", "config")) {
      try (Stream<Path> found = Files.walk(Path.of(folder))) {
        found.filter(Files::isRegularFile).map(Path::toString).forEach(files::add);
      }
    }
    assertEquals(files, payloads);
  }

  @Test
  void every_message_travels_on_exactly_one_channel() {
    Set<String> travelling = new TreeSet<>();
    api.get("channels")
        .properties()
        .forEach(channel ->
            channel
                .getValue()
                .get("messages")
                .propertyNames()
                .forEach(message -> assertTrue(travelling.add(message), message)));

    assertEquals(new TreeSet<>(api.at("/components/messages").propertyNames()), travelling);
  }

  @Test
  void every_reference_inside_the_document_leads_somewhere() {
    api.findValues("$ref").stream()
        .map(JsonNode::asString)
        .filter(reference -> reference.startsWith("#"))
        .forEach(
            reference -> assertTrue(!api.at(reference.substring(1)).isMissingNode(), reference));
  }

  @Test
  void the_headers_are_those_an_envelope_writes() {
    RecordHeaders written = new RecordHeaders();
    new Envelope(
            "id",
            "type",
            "/source",
            "subject",
            java.time.Instant.EPOCH,
            "wrkspc_a",
            1,
            new TraceContext("00-a-b-01", "vendor=1"))
        .writeTo(written);
    JsonNode headers = api.at("/components/messageTraits/record/headers");
    Set<String> documented = new TreeSet<>(headers.get("properties").propertyNames());

    Set<String> required = new TreeSet<>();
    headers.get("required").forEach(name -> required.add(name.asString()));
    Set<String> always = new TreeSet<>();
    written.forEach(header -> always.add(header.key()));
    assertTrue(documented.containsAll(always), always::toString);
    always.remove("traceparent");
    always.remove("tracestate");
    assertEquals(always, required);
    documented.removeAll(always);
    assertEquals(
        new TreeSet<>(
            Set.of("ce_dataref", "ce_datahash", "ce_mayignore", "traceparent", "tracestate")),
        documented);
  }

  private static String value(Field field) {
    try {
      return (String) field.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
