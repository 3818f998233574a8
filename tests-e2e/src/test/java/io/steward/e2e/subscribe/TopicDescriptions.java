package io.steward.e2e.subscribe;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.steward.e2e.stage.Steward;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;

/// `schemas/asyncapi.yaml` and the schema files it names, as a subscriber has them.
final class TopicDescriptions {
  private static final Set<String> HEADERS =
      Set.of(
          "ce_specversion",
          "ce_id",
          "ce_type",
          "ce_source",
          "ce_subject",
          "ce_time",
          "ce_workspaceid",
          "ce_schemaversion",
          "content-type");

  private final Path directory;
  private final Map<?, ?> document;
  private final Map<String, Schema> schemas = new HashMap<>();
  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          builder -> builder.schemas(TopicDescriptions::content));

  TopicDescriptions() throws IOException {
    directory = Steward.repository().resolve("schemas");
    try (Reader file = Files.newBufferedReader(directory.resolve("asyncapi.yaml"))) {
      document = new Yaml().load(file);
    }
  }

  private static @Nullable String content(String iri) {
    try {
      return iri.startsWith("file:") ? Files.readString(Path.of(URI.create(iri))) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Every topic there should be, those for what nobody can read included.
  Set<String> topics() {
    Set<String> topics = new TreeSet<>();
    map(document, "channels")
        .forEach((name, channel) -> {
          topics.add((String) name);
          if (Boolean.TRUE.equals(((Map<?, ?>) channel).get("x-dead-letter"))) {
            topics.add(name + ".dead-letter");
          }
        });
    return topics;
  }

  /// What is wrong with a record, by its topic's description; empty when nothing is.
  List<String> violations(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null || record.topic().endsWith(".dead-letter")) {
      return List.of();
    }
    String type = header(record, "ce_type");
    List<String> found = new ArrayList<>();
    HEADERS.stream()
        .filter(name -> record.headers().lastHeader(name) == null)
        .forEach(name -> found.add("has no header " + name));
    if (record.key() == null) {
      found.add("has no key");
    }
    if (!map(document, "channels", record.topic(), "messages").containsKey(type)) {
      found.add("is of the type " + type + ", which the topic does not have");
    } else if (record.headers().lastHeader("ce_dataref") == null) {
      schema(type)
          .validate(
              new String(record.value(), StandardCharsets.UTF_8),
              InputFormat.JSON,
              context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
          .forEach(error -> found.add(error.toString()));
    }
    String where = record.topic() + "-" + record.partition() + "@" + record.offset() + " " + type;
    return found.stream().map(error -> where + " " + error).toList();
  }

  private Schema schema(String type) {
    return schemas.computeIfAbsent(
        type,
        _ -> {
          Object file = map(document, "components", "messages", type, "payload").get("$ref");
          Path path = directory.resolve(String.valueOf(file)).normalize();
          return registry.getSchema(SchemaLocation.of(path.toUri().toString()));
        });
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static Map<?, ?> map(Map<?, ?> from, String... path) {
    Map<?, ?> current = from;
    for (String name : path) {
      current = current.get(name) instanceof Map<?, ?> inner ? inner : Map.of();
    }
    return current;
  }
}
