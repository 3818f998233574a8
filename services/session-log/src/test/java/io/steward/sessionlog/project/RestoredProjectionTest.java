package io.steward.sessionlog.project;

import static io.steward.sessionlog.Samples.T0;
import static io.steward.sessionlog.Samples.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.kafka.DependencyAwayException;
import io.steward.schemas.kafka.Envelope;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.kafka.Topics;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.record.SessionRecordCodec;
import io.steward.schemas.trace.Tracing;
import io.steward.sessionlog.Samples;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.SessionLogMetrics;
import io.steward.sessionlog.log.KafkaClients;
import io.steward.sessionlog.log.KafkaLogState;
import io.steward.sessionlog.log.LogWriter;
import io.steward.stage.Broker;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real broker and a real PostgreSQL that were restored from different moments.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class RestoredProjectionTest {
  private static final TopicPartition PARTITION = new TopicPartition(Topics.SESSION_EVENTS, 0);
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final KafkaClients NOBODY = new KafkaClients("127.0.0.1:1");
  private static final SessionLogConfig CONFIG =
      Samples.config(Map.of("steward.session-partitions", "1"));

  /// What no topic can give back. Another table of the schema belongs to one of the two lists.
  private static final Set<String> KEPT =
      Set.of("projection_source", "file", "work", "work_poller", "flyway_schema_history");

  private final EmbeddedPostgres postgres;
  private final AgroalDataSource database;
  private final Path directory;
  private final RecordFormat format;
  private final BlobStore blobs;
  private final SessionId session = SessionId.random(0);
  private final List<Projection> projections = new ArrayList<>();

  private Path disk;
  private Broker broker;

  RestoredProjectionTest(@TempDir Path directory) throws IOException, SQLException {
    this.directory = directory;
    postgres = EmbeddedPostgres.start();
    String url =
        "jdbc:postgresql://127.0.0.1:"
            + postgres.getPort()
            + "/postgres?user=postgres&currentSchema=session_log";
    database =
        AgroalDataSource.from(
            new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(pool ->
                    pool.maxSize(8)
                        .acquisitionTimeout(Duration.ofSeconds(5))
                        .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url))));
    blobs = new DirectoryBlobStore(directory.resolve("blobs"));
    format = new RecordFormat(blobs);
    disk = directory.resolve("disk");
    broker = Broker.start(Files.createDirectories(disk), 1);
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

  /// Each test begins with a log of its own.
  @BeforeEach
  void begin() throws Exception {
    makeTheTopicAnew();
    wish();
  }

  @AfterEach
  void end() {
    projections.forEach(Projection::stop);
    projections.clear();
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
    broker.close();
    postgres.close();
  }

  @Test
  void a_topic_made_anew_while_it_is_read_is_refused_until_the_projection_is_made_again()
      throws Exception {
    Projection running = started();
    write(encoded(Samples.created(session)), sent("sevt_1"), sent("sevt_2"));
    assertTrue(running.positions().await(PARTITION, 3, SOON));
    await(running::caughtUp);

    makeTheTopicAnew();

    await(() -> running.refusal().isPresent());
    assertTrue(running.refusal().orElseThrow().contains("was made anew"));
    assertFalse(running.caughtUp());
    Projection another = started();
    await(() -> another.refusal().isPresent());
    assertEquals(List.of("sevt_1", "sevt_2"), events());

    write(encoded(Samples.created(session)), sent("sevt_3"));
    wish();

    await(() -> running.caughtUp() && another.caughtUp());
    assertEquals(Optional.empty(), running.refusal());
    assertTrue(running.positions().await(PARTITION, 2, SOON));
    assertEquals(List.of("sevt_3"), events());
  }

  @Test
  void kafka_of_an_earlier_moment_is_refused_even_after_it_was_written_to() throws Exception {
    write(encoded(Samples.created(session)), sent("sevt_1"));
    broker.close();
    Path copy = copy(disk);
    broker = Broker.reopen(disk);
    write(sent("sevt_2"), sent("sevt_3"), sent("sevt_4"));
    Projection first = started();
    assertTrue(first.positions().await(PARTITION, 5, SOON));
    end();
    broker.close();

    disk = copy;
    broker = Broker.reopen(disk);
    Projection shorter = started();
    await(() -> shorter.refusal().isPresent());
    assertTrue(
        shorter.refusal().orElseThrow().contains("ends at offset 2"), shorter.refusal()::get);
    end();
    broker.close();

    broker = Broker.reopen(disk);
    write(sent("sevt_5"), sent("sevt_6"), sent("sevt_7"), sent("sevt_8"));
    Projection written = started();
    await(() -> written.refusal().isPresent());
    assertTrue(written.refusal().orElseThrow().contains("written anew"), written.refusal()::get);
    assertEquals(List.of("sevt_1", "sevt_2", "sevt_3", "sevt_4"), events());

    wish();

    await(written::caughtUp);
    assertEquals(List.of("sevt_1", "sevt_5", "sevt_6", "sevt_7", "sevt_8"), events());
  }

  @Test
  void a_database_of_an_earlier_moment_reads_on_from_there() throws Exception {
    Projection first = started();
    write(encoded(Samples.created(session)), sent("sevt_1"));
    assertTrue(first.positions().await(PARTITION, 2, SOON));
    for (String table : PostgresSource.PROJECTED) {
      execute("CREATE TABLE saved_" + table + " AS SELECT * FROM " + table);
    }
    write(sent("sevt_2"), sent("sevt_3"));
    assertTrue(first.positions().await(PARTITION, 4, SOON));
    end();

    for (String table : PostgresSource.PROJECTED) {
      execute("TRUNCATE " + table);
      execute("INSERT INTO " + table + " SELECT * FROM saved_" + table);
      execute("DROP TABLE saved_" + table);
    }
    assertEquals(List.of("sevt_1"), events());
    Projection restored = started();

    assertTrue(restored.positions().await(PARTITION, 4, SOON));
    assertEquals(Optional.empty(), restored.refusal());
    assertEquals(List.of("sevt_1", "sevt_2", "sevt_3"), events());
  }

  @Test
  void making_it_again_keeps_what_no_topic_can_give_back_and_shows_nothing_half_made()
      throws Exception {
    Projection running = started();
    write(encoded(Samples.created(session)), sent("sevt_1"));
    assertTrue(running.positions().await(PARTITION, 2, SOON));
    await(running::caughtUp);
    execute(
        "INSERT INTO file (file_id, workspace_id, origin, state, state_since, filename, media_type,"
            + " size_bytes, created_at, blob_key) VALUES ('file_1', 'w', 'upload', 'stored', now(),"
            + " 'a', 'text/plain', 1, now(), 'files/file_1')");

    PostgresProjection unaware = new PostgresProjection(database, blobs);
    unaware.adopt(unaware.source().generation());
    unaware.confirm();

    wish();
    unaware.emptyIfWanted();

    assertThrows(DependencyAwayException.class, unaware::confirm);
    assertThrows(DependencyAwayException.class, () -> unaware.load(session, Long.MAX_VALUE));
    await(() -> !events().isEmpty() && running.caughtUp());
    assertEquals(List.of("sevt_1"), events());
    assertEquals(1, rows("SELECT file_id FROM file").size());
    execute("DELETE FROM file");
  }

  @Test
  void every_table_is_made_from_the_log_or_kept() throws SQLException {
    Set<String> tables =
        new HashSet<>(
            rows(
                "SELECT table_name FROM information_schema.tables"
                    + " WHERE table_schema = 'session_log'"));

    assertTrue(tables.containsAll(PostgresSource.PROJECTED));
    tables.removeAll(PostgresSource.PROJECTED);
    tables.removeAll(KEPT);
    assertEquals(Set.of(), tables);
  }

  private Projection started() {
    KafkaClients clients = new KafkaClients(broker.address());
    PostgresProjection store = new PostgresProjection(database, blobs);
    Projection projection =
        new Projection(
            clients.strictConsumer(),
            new KafkaLogState(clients.admin(), Topics.SESSION_EVENTS),
            store,
            format,
            new Purge(store, new LogWriter(NOBODY, format, () -> T0, CONFIG, Tracing.off()), blobs),
            new SessionLogMetrics(new SimpleMeterRegistry()),
            CONFIG);
    projections.add(projection);
    projection.start(new StartupEvent());
    return projection;
  }

  private void makeTheTopicAnew() throws Exception {
    try (Admin admin = new KafkaClients(broker.address()).admin()) {
      admin.deleteTopics(Set.of(Topics.SESSION_EVENTS)).all().get();
      await(() -> created(admin));
    }
  }

  /// The broker takes a moment to forget a name, and another to know the new one.
  private static boolean created(Admin admin) {
    try {
      Uuid id =
          admin
              .createTopics(
                  Set.of(
                      new NewTopic(Topics.SESSION_EVENTS, 1, (short) 1)
                          .configs(Map.of("cleanup.policy", "compact"))))
              .topicId(Topics.SESSION_EVENTS)
              .get();
      await(() -> id.equals(id(admin)));
      return true;
    } catch (ExecutionException | InterruptedException e) {
      return false;
    }
  }

  private static Uuid id(Admin admin) {
    try {
      return admin
          .describeTopics(Set.of(Topics.SESSION_EVENTS))
          .allTopicNames()
          .get()
          .values()
          .iterator()
          .next()
          .topicId();
    } catch (ExecutionException | InterruptedException e) {
      return Uuid.ZERO_UUID;
    }
  }

  /// What ./steward reproject does.
  private void wish() throws SQLException {
    execute("UPDATE projection_source SET wanted = generation + 1");
  }

  @SafeVarargs
  private void write(ProducerRecord<String, byte[]>... records) throws Exception {
    try (Producer<String, byte[]> producer =
        new KafkaClients(broker.address()).producer(SOON.toMillis())) {
      for (ProducerRecord<String, byte[]> record : records) {
        producer.send(record).get();
      }
    }
  }

  private ProducerRecord<String, byte[]> sent(String eventId) {
    return encoded(new SessionRecord.EventsSent(List.of(message(eventId))));
  }

  private ProducerRecord<String, byte[]> encoded(SessionRecord body) {
    return format.encodeSession(
        session,
        Envelope.of(
            "rec_" + System.nanoTime(),
            SessionRecordCodec.type(body),
            "/test",
            session.value(),
            T0),
        body);
  }

  private Path copy(Path from) throws IOException {
    Path to = directory.resolve("copy");
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long giveUp = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < giveUp, "it did not happen in time");
      Thread.sleep(20);
    }
  }

  private List<String> events() {
    try {
      return rows("SELECT event_id FROM session_event ORDER BY record_offset, record_index");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> rows(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
