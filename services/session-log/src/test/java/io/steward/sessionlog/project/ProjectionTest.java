package io.steward.sessionlog.project;

import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.created;
import static io.steward.sessionlog.Samples.message;
import static io.steward.sessionlog.Samples.selfHosted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.exceptionsorter.PostgreSQLExceptionSorter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.SessionEvent;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.session.Session;
import io.steward.schemas.trace.Tracing;
import io.steward.sessionlog.Samples;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.LogWriter;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The projection with records in the form of the topic and a real PostgreSQL: what it does with
/// records nobody can take, and with a database that does not answer.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class ProjectionTest {
  private static final TopicPartition PARTITION = new TopicPartition(Topics.SESSION_EVENTS, 0);
  private static final int LONG_SESSION = 700;
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final SessionLogConfig CONFIG =
      Samples.config(Map.of("steward.session-partitions", "1"));

  private final EmbeddedPostgres postgres;
  private final Doorway doorway;
  private final AgroalDataSource database;
  private final BlobStore blobs;
  private final RecordFormat format;
  private final PostgresProjection store;

  private final SessionId calm = SessionId.random(0);
  private final SessionId poisoned = SessionId.random(0);
  private final List<ConsumerRecord<String, byte[]>> topic = new ArrayList<>();
  private final BlockingQueue<SessionId> setAside = new LinkedBlockingQueue<>();
  private SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
  private Projection projection;

  ProjectionTest(@TempDir Path directory) throws IOException, SQLException {
    postgres = EmbeddedPostgres.start();
    doorway = new Doorway(postgres.getPort());
    String url =
        "jdbc:postgresql://127.0.0.1:"
            + doorway.port()
            + "/postgres?user=postgres&currentSchema=session_log&socketTimeout=1&connectTimeout=1";
    database =
        AgroalDataSource.from(
            new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(pool ->
                    pool.maxSize(4)
                        .acquisitionTimeout(Duration.ofSeconds(2))
                        .exceptionSorter(new PostgreSQLExceptionSorter())
                        .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url))));
    blobs = new DirectoryBlobStore(directory);
    format = new RecordFormat(blobs);
    store = new PostgresProjection(database, blobs);
    projection = projection();
  }

  @BeforeAll
  void migrate() {
    Flyway.configure()
        .dataSource(postgres.getPostgresDatabase())
        .schemas("session_log")
        .createSchemas(true)
        .load()
        .migrate();
  }

  @BeforeEach
  void begin() throws SQLException {
    execute(
        "TRUNCATE partition_position, session_record, session_event, session_fold, session, file, work");
    topic.clear();
    setAside.clear();
    registry = new SimpleMeterRegistry();
    consumer = new MockConsumer<>("earliest");
    consumer.updateEndOffsets(Map.of(PARTITION, 0L));
    projection = projection();
    projection.onSetAside(setAside::add);
  }

  @AfterEach
  void end() {
    doorway.freeze(false);
    projection.stop();
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
    doorway.close();
    postgres.close();
  }

  @Test
  void a_record_that_is_no_json_sets_its_session_aside_and_the_partition_goes_on()
      throws Exception {
    assertOnlyOneIsSetAside(
        changed(sent(poisoned, "sevt_p"), "ce_specversion", "1.0", "{\"events\":"));
    assertEquals(
        1,
        registry
            .get("steward.session.log.unreadable.records")
            .tag("topic", Topics.SESSION_EVENTS)
            .counter()
            .count());
  }

  @Test
  void an_unknown_type_sets_its_session_aside() throws Exception {
    assertOnlyOneIsSetAside(changed(sent(poisoned, "sevt_p"), "ce_type", "session.dreamt", null));
  }

  @Test
  void a_record_of_a_later_version_sets_its_session_aside() throws Exception {
    assertOnlyOneIsSetAside(changed(sent(poisoned, "sevt_p"), "ce_schemaversion", "99", null));
  }

  @Test
  void a_record_no_rule_foresaw_sets_its_session_aside() throws Exception {
    assertOnlyOneIsSetAside(encoded(poisoned, created(poisoned)));
  }

  @Test
  void a_record_the_database_does_not_take_sets_its_session_aside() throws Exception {
    assertOnlyOneIsSetAside(sent(poisoned, "sevt_\0"));
  }

  @Test
  void a_type_the_database_does_not_take_sets_its_session_aside() throws Exception {
    ConsumerRecord<String, byte[]> record =
        changed(sent(poisoned, "sevt_p"), "ce_type", "a\0b", null);
    record.headers().add("ce_mayignore", "true".getBytes(StandardCharsets.UTF_8));
    assertOnlyOneIsSetAside(record);
  }

  @Test
  void a_session_whose_stored_body_is_gone_is_set_aside_when_it_is_loaded() throws Exception {
    SessionRecord large =
        new SessionRecord.EventsSent(
            List.of(message("sevt_" + "x".repeat(RecordFormat.INLINE_BYTES_MAX))));
    ConsumerRecord<String, byte[]> record = encoded(poisoned, large);
    play(encoded(poisoned, created(poisoned)), encoded(calm, created(calm)));

    String recordId =
        new String(record.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8);
    execute(
        "INSERT INTO session_record (session_id, record_offset, record_id, type, may_ignore,"
            + " written_at, body, unreadable, schema_version) VALUES ('"
            + poisoned
            + "', 9, '"
            + recordId
            + "', 'session.events_sent', false, '2026-11-20T10:00:00Z', null, null, 1)");
    blobs.delete(poisoned.value() + "/" + recordId);

    assertInstanceOf(Session.SetAside.class, store.load(poisoned, Long.MAX_VALUE).session());
    assertInstanceOf(Session.Idle.class, store.load(calm, Long.MAX_VALUE).session());
  }

  @Test
  void a_database_that_never_answers_is_away_and_nothing_is_lost_or_twice() throws Exception {
    play(encoded(calm, created(calm)), sent(calm, "sevt_1"));
    doorway.freeze(true);
    assertThrows(DependencyAwayException.class, () -> store.load(calm, Long.MAX_VALUE));
    add(sent(calm, "sevt_2"));
    assertThrows(DependencyAwayException.class, () -> store.positions(1));

    doorway.freeze(false);
    add(sent(calm, "sevt_3"));

    assertTrue(projection.positions().await(PARTITION, 4, SOON));
    assertEquals(List.of("sevt_1", "sevt_2", "sevt_3"), events(calm));
    assertEquals(4, store.positions(1).get(0));
    assertEquals(0, setAside.size());
  }

  @Test
  void work_is_queued_with_the_session_and_not_again_when_the_projection_is_made_again()
      throws Exception {
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    projection.onWork(told::add);
    play(encoded(calm, selfHosted(calm)), sent(calm, "sevt_1"));
    assertEquals(1, count("work WHERE state = 'queued' AND needed"));
    assertEquals(List.of("env_01S"), told);
    execute("UPDATE work SET state = 'stopped', stopped_at = now()");
    projection.stop();
    execute("TRUNCATE partition_position, session_record, session_event, session_fold, session");

    List<ConsumerRecord<String, byte[]>> again = List.copyOf(topic);
    topic.clear();
    consumer = new MockConsumer<>("earliest");
    consumer.updateEndOffsets(Map.of(PARTITION, 0L));
    projection = projection();
    play(again.get(0), again.get(1));

    assertEquals(1, count("session"));
    assertEquals(1, count("work"));
    add(sent(calm, "sevt_2"));
    assertTrue(projection.positions().await(PARTITION, 3, SOON));
    assertEquals(1, count("work WHERE state = 'queued'"));
  }

  @Test
  void the_work_of_an_archived_session_is_stopped() throws Exception {
    play(encoded(calm, selfHosted(calm)));
    assertEquals(1, count("work WHERE state = 'queued'"));

    add(encoded(calm, new SessionRecord.ArchiveRequested(T0)));

    assertTrue(projection.positions().await(PARTITION, 2, SOON));
    assertEquals(1, count("work"));
    assertEquals(1, count("work WHERE state = 'stopped'"));
  }

  @Test
  void a_long_session_is_folded_on_from_where_it_was_stored() throws Exception {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    records.add(encoded(calm, created(calm)));
    for (int i = 0; i < LONG_SESSION; i++) {
      records.add(sent(calm, "sevt_" + i));
    }
    play(records);
    add(sent(calm, "sevt_last"));
    assertTrue(projection.positions().await(PARTITION, LONG_SESSION + 2, SOON));
    Session known = projection.folds().recent(calm).orElseThrow().session();
    Session early = store.load(calm, 2).session();

    assertEquals(1, count("session_fold WHERE next_offset = " + (LONG_SESSION + 1)));
    execute("DELETE FROM session_record WHERE record_offset BETWEEN 2 AND " + LONG_SESSION);
    assertEquals(known, store.load(calm, Long.MAX_VALUE).session());
    assertEquals(early, store.load(calm, 2).session());
    execute("UPDATE session_fold SET fold_version = fold_version - 1");
    assertNotEquals(known, store.load(calm, Long.MAX_VALUE).session());
  }

  /// Given two sessions in one batch, one of which gets the poison in the middle of it.
  private void assertOnlyOneIsSetAside(ConsumerRecord<String, byte[]> poison) throws Exception {
    play(
        encoded(poisoned, created(poisoned)),
        encoded(calm, created(calm)),
        poison,
        sent(poisoned, "sevt_late"),
        sent(calm, "sevt_1"));

    assertEquals(poisoned, setAside.poll(10, TimeUnit.SECONDS));
    assertEquals(List.of("sevt_1"), events(calm));
    assertInstanceOf(Session.Idle.class, store.load(calm, Long.MAX_VALUE).session());
    assertInstanceOf(Session.SetAside.class, store.load(poisoned, Long.MAX_VALUE).session());
    assertInstanceOf(
        Session.SetAside.class, projection.folds().recent(poisoned).orElseThrow().session());
    assertEquals(1, registry.get("steward.session.log.sessions.set.aside").counter().count());
    assertEquals(5, store.positions(1).get(0));
    assertEquals(0, registry.get("steward.session.log.projection.lag.records").gauge().value());
  }

  @SafeVarargs
  private void play(ConsumerRecord<String, byte[]>... records) {
    play(List.of(records));
  }

  private void play(List<ConsumerRecord<String, byte[]>> records) {
    consumer.schedulePollTask(() -> {
      for (ConsumerRecord<String, byte[]> record : records) {
        consumer.addRecord(at(record));
      }
    });
    projection.start(new io.quarkus.runtime.StartupEvent());
    assertTrue(projection.positions().await(PARTITION, records.size(), SOON));
  }

  private void add(ConsumerRecord<String, byte[]> record) {
    consumer.schedulePollTask(() -> consumer.addRecord(at(record)));
  }

  /// The record behind those that were played before.
  private synchronized ConsumerRecord<String, byte[]> at(ConsumerRecord<String, byte[]> record) {
    ConsumerRecord<String, byte[]> placed =
        new ConsumerRecord<>(
            record.topic(),
            0,
            topic.size(),
            0,
            TimestampType.CREATE_TIME,
            0,
            0,
            record.key(),
            record.value(),
            record.headers(),
            Optional.empty());
    topic.add(placed);
    return placed;
  }

  private ConsumerRecord<String, byte[]> sent(SessionId id, String eventId) {
    SessionEvent event = message(eventId);
    return encoded(id, new SessionRecord.EventsSent(List.of(event)));
  }

  private ConsumerRecord<String, byte[]> encoded(SessionId id, SessionRecord body) {
    Envelope envelope =
        Envelope.of(
            "rec_" + System.nanoTime(), SessionRecordCodec.type(body), "/test", id.value(), T0);
    ProducerRecord<String, byte[]> record = format.encodeSession(id, envelope, body);
    return record(record.key(), record.value(), record);
  }

  private static ConsumerRecord<String, byte[]> record(
      String key, byte[] value, ProducerRecord<String, byte[]> like) {
    return new ConsumerRecord<>(
        Topics.SESSION_EVENTS,
        0,
        0,
        0,
        TimestampType.CREATE_TIME,
        0,
        0,
        key,
        value,
        like.headers(),
        Optional.empty());
  }

  private static ConsumerRecord<String, byte[]> changed(
      ConsumerRecord<String, byte[]> record, String header, String value, @Nullable String body) {
    record.headers().remove(header).add(header, value.getBytes(StandardCharsets.UTF_8));
    byte[] bytes = body == null ? record.value() : body.getBytes(StandardCharsets.UTF_8);
    return new ConsumerRecord<>(
        record.topic(),
        0,
        0,
        0,
        TimestampType.CREATE_TIME,
        0,
        0,
        record.key(),
        bytes,
        record.headers(),
        Optional.empty());
  }

  private Projection projection() {
    return new Projection(
        consumer,
        new StandingLog(),
        store,
        format,
        new Purge(
            store,
            new LogWriter(new KafkaClients("127.0.0.1:1"), format, () -> T0, CONFIG, Tracing.off()),
            blobs),
        new SessionLogMetrics(registry),
        CONFIG);
  }

  private List<String> events(SessionId id) throws SQLException {
    List<String> ids = new ArrayList<>();
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT event_id FROM session_log.session_event WHERE session_id = '"
                    + id
                    + "' ORDER BY record_offset")) {
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
    }
    return ids;
  }

  private long count(String from) throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM session_log." + from)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
