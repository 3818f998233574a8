package io.steward.sessionlog.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.SessionId;
import io.steward.sessionlog.files.PostgresFiles.Output;
import io.steward.sessionlog.files.PostgresFiles.Place;
import io.steward.sessionlog.files.PostgresFiles.Search;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The table on a real PostgreSQL, with the migrations of the service, and what sweep and copies do
/// with it and with blobs in a directory.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresFilesTest {
  private static final Instant T0 = Instant.parse("2026-08-21T10:00:00Z");
  private static final byte[] BYTES = {1, 2, 3};
  private static final SessionId SESSION = SessionId.random(1);
  private static final SessionId STRANGER = SessionId.random(2);

  private final EmbeddedPostgres postgres;
  private final AgroalDataSource database;
  private final PostgresFiles files;
  private final BlobStore blobs;

  PostgresFilesTest(@TempDir Path directory) throws IOException, SQLException {
    postgres = EmbeddedPostgres.start();
    String url = postgres.getJdbcUrl("postgres", "postgres") + "&currentSchema=session_log";
    database =
        AgroalDataSource.from(
            new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(pool ->
                    pool.maxSize(4)
                        .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url))));
    files = new PostgresFiles(database);
    blobs = new DirectoryBlobStore(directory);
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
  void empty() throws SQLException {
    execute("TRUNCATE file, session");
    execute(
        "INSERT INTO session (session_id, workspace_id, partition_no, next_offset, created_at,"
            + " agent_id, agent_version, status, archived, deleted, purge, unfinished, agent,"
            + " summary) VALUES ('"
            + SESSION
            + "', 'w', 1, 1, now(), 'agent_1', 1, 'idle', false, false, false, false, '{}', '{}')");
  }

  @AfterAll
  void stop() throws IOException {
    database.close();
    postgres.close();
  }

  @Test
  void an_upload_is_seen_when_it_is_complete_and_not_before() {
    StoredFile file = upload("file_a", T0);
    files.begin(file);
    assertEquals(Optional.empty(), files.find("file_a"));
    assertEquals(List.of(), ids(all()));

    assertTrue(files.complete(file, 100));

    assertEquals(Optional.of(file), files.find("file_a"));
    assertEquals(List.of("file_a"), ids(all()));
  }

  @Test
  void an_upload_that_came_to_nothing_is_no_file_and_cannot_be_completed() {
    StoredFile file = upload("file_a", T0);
    files.begin(file);

    files.abandon("file_a");

    assertThrows(IllegalStateException.class, () -> files.complete(file, 100));
    assertEquals(Optional.empty(), files.find("file_a"));
  }

  @Test
  void all_files_together_stay_within_the_quota_without_copies_and_what_is_freed() {
    assertTrue(stored(upload("file_a", T0), 6));
    assertTrue(stored(upload("file_b", T0), 6));
    files.insert(copy("file_c", SESSION));

    assertFalse(stored(upload("file_d", T0), 6));
    files.delete("file_a", T0);

    assertEquals(3, files.bytesStored());
    assertTrue(stored(upload("file_e", T0), 6));
  }

  @Test
  void the_newest_file_is_first_and_pages_meet() {
    for (int i = 0; i < 5; i++) {
      stored(upload("file_" + i, T0.plusSeconds(i / 2)), 100);
    }

    List<StoredFile> first = files.list(search(Set.of(), Optional.empty(), true, null, 2));
    List<StoredFile> second =
        files.list(search(Set.of(), Optional.empty(), true, first.getLast(), 10));
    List<StoredFile> back =
        files.list(search(Set.of(), Optional.empty(), false, second.getFirst(), 10));

    assertEquals(List.of("file_4", "file_3"), ids(first));
    assertEquals(List.of("file_2", "file_1", "file_0"), ids(second));
    assertEquals(List.of("file_3", "file_4"), ids(back));
  }

  @Test
  void a_list_can_be_of_some_files_or_of_a_session() {
    stored(upload("file_a", T0), 100);
    stored(upload("file_b", T0), 100);
    output("file_c", "report.txt", 1, T0);

    assertEquals(
        List.of("file_b"),
        ids(files.list(search(Set.of("file_b", "file_x"), Optional.empty(), true, null, 9))));
    assertEquals(List.of("file_c"), ids(outputs()));
  }

  @Test
  void a_deleted_file_is_gone_at_once_and_only_once_and_its_place_is_still_known() {
    stored(upload("file_a", T0), 100);

    assertTrue(files.delete("file_a", T0));
    assertFalse(files.delete("file_a", T0));

    assertEquals(Optional.empty(), files.find("file_a"));
    assertEquals(Optional.of(new Place(T0, "file_a")), files.place("file_a"));
  }

  @Test
  void a_session_copy_is_found_but_never_listed() {
    files.insert(copy("file_c", SESSION));

    assertEquals(SESSION, files.find("file_c").orElseThrow().scope());
    assertEquals(List.of(), ids(all()));
    assertEquals(List.of(), ids(outputs()));
  }

  @Test
  void what_is_written_under_the_same_path_replaces_what_was_there() {
    assertEquals(Output.STORED, output("file_a", "report.txt", 1, T0));
    assertEquals(Output.STORED, output("file_b", "other.txt", 2, T0.plusSeconds(1)));
    assertEquals(Output.STORED, output("file_c", "report.txt", 3, T0.plusSeconds(2)));

    assertEquals(List.of("file_c", "file_b"), ids(outputs()));
    assertEquals(Optional.empty(), files.find("file_a"));
    assertTrue(files.find("file_c").orElseThrow().downloadable());
  }

  @Test
  void records_that_come_again_change_nothing() {
    output("file_a", "report.txt", 1, T0);
    output("file_b", "report.txt", 2, T0.plusSeconds(1));

    assertEquals(Output.OLD_NEWS, output("file_a", "report.txt", 1, T0));
    assertEquals(Output.OLD_NEWS, output("file_b", "report.txt", 2, T0.plusSeconds(1)));
    assertEquals(Output.OLD_NEWS, output("file_b", "report.txt", 3, T0.plusSeconds(1)));

    assertEquals(List.of("file_b"), ids(outputs()));
  }

  @Test
  void a_deleted_output_does_not_come_back_by_itself_but_when_it_is_written_again() {
    output("file_a", "report.txt", 1, T0);
    files.delete("file_a", T0.plusSeconds(1));

    assertEquals(Output.OLD_NEWS, output("file_a", "report.txt", 2, T0));
    assertEquals(Output.STORED, output("file_a", "report.txt", 3, T0.plusSeconds(9)));

    assertEquals(T0.plusSeconds(9), files.find("file_a").orElseThrow().createdAt());
    assertEquals("a.txt", files.find("file_a").orElseThrow().filename());
    assertEquals(List.of("file_a"), ids(outputs()));
  }

  @Test
  void the_content_of_earlier_may_be_written_again() {
    output("file_a", "report.txt", 1, T0);
    output("file_b", "report.txt", 2, T0.plusSeconds(1));

    assertEquals(Output.STORED, output("file_a", "report.txt", 3, T0.plusSeconds(2)));

    assertEquals(List.of("file_a"), ids(outputs()));
  }

  @Test
  void a_session_that_is_gone_has_no_outputs() throws SQLException {
    output("file_a", "report.txt", 1, T0);

    execute("UPDATE session SET deleted = true");

    assertEquals(Output.NO_SESSION, output("file_b", "other.txt", 2, T0));
    assertEquals(Optional.empty(), files.find("file_a"));
    assertEquals(List.of(), ids(outputs()));
    assertEquals(
        Output.NO_SESSION,
        files.output(written("file_d", STRANGER, T0), STRANGER, "report.txt", 1, T0));
  }

  @Test
  void a_sweep_frees_what_has_expired_and_forgets_it_a_month_later() throws IOException {
    stored(expiring("file_a", T0.plusSeconds(3600)), 100);
    blobs.put("files/file_a/content", BYTES);
    FileSweep sweep = sweep(T0);

    sweep.sweep(T0.plusSeconds(3599));
    assertArrayEquals(BYTES, blobs.get("files/file_a/content"));
    sweep.sweep(T0.plusSeconds(3600));
    assertThrows(NoSuchFileException.class, () -> blobs.get("files/file_a/content"));
    assertEquals(0, files.bytesStored());
    assertEquals(List.of("file_a"), ids(all()));
    sweep.sweep(T0.plusSeconds(3600).plus(FileSweep.EXPIRED_KEPT).plusSeconds(1));

    assertEquals(List.of(), ids(all()));
  }

  @Test
  void a_sweep_removes_what_an_upload_left_that_never_ended() throws IOException {
    files.begin(upload("file_a", T0));
    blobs.put("files/file_a/content", BYTES);
    FileSweep sweep = sweep(T0);

    Instant givenUp = T0.plus(FileSweep.UNSETTLED_KEPT).plusSeconds(1);
    sweep.sweep(givenUp);
    sweep.sweep(givenUp.plus(FileSweep.BYTES_KEPT).plusSeconds(1));

    assertThrows(NoSuchFileException.class, () -> blobs.get("files/file_a/content"));
  }

  @Test
  void the_bytes_of_a_deleted_upload_go_at_once_and_those_of_an_output_a_little_later()
      throws IOException {
    stored(upload("file_a", T0), 100);
    blobs.put("files/file_a/content", BYTES);
    output("file_b", "report.txt", 1, T0);
    blobs.put(SESSION + "/outputs/file_b", BYTES);
    FileSweep sweep = sweep(T0);

    for (String id : List.of("file_a", "file_b")) {
      StoredFile file = files.find(id).orElseThrow();
      files.delete(id, T0);
      sweep.deleted(file);
    }

    assertThrows(NoSuchFileException.class, () -> blobs.get("files/file_a/content"));
    assertArrayEquals(BYTES, blobs.get(SESSION + "/outputs/file_b"));
    sweep.sweep(T0.plus(FileSweep.BYTES_KEPT).plusSeconds(1));
    assertThrows(NoSuchFileException.class, () -> blobs.get(SESSION + "/outputs/file_b"));
  }

  @Test
  void bytes_stay_when_the_file_has_come_back() throws IOException {
    output("file_a", "report.txt", 1, T0);
    blobs.put(SESSION + "/outputs/file_a", BYTES);
    files.delete("file_a", T0);
    output("file_a", "report.txt", 2, T0.plusSeconds(1));

    sweep(T0).sweep(T0.plus(Duration.ofDays(2)));

    assertArrayEquals(BYTES, blobs.get(SESSION + "/outputs/file_a"));
    assertEquals(List.of("file_a"), ids(outputs()));
  }

  @Test
  void copies_survive_a_rebuild_of_the_projection() throws IOException, SQLException {
    files.insert(copy("file_c", SESSION));
    blobs.put(SESSION + "/files/file_c", BYTES);
    execute("TRUNCATE session");
    Instant later = T0.plus(FileSweep.UNSETTLED_KEPT).plusSeconds(1);

    new FileSweep(files, blobs, _ -> false, () -> T0).sweep(later);
    Iterator<Boolean> emptiedMeanwhile = List.of(true, false).iterator();
    new FileSweep(files, blobs, _ -> emptiedMeanwhile.next(), () -> T0).sweep(later);

    assertFalse(emptiedMeanwhile.hasNext());
    assertArrayEquals(BYTES, blobs.get(SESSION + "/files/file_c"));
    assertTrue(files.find("file_c").isPresent());
  }

  @Test
  void a_session_that_comes_while_its_copy_is_swept_keeps_it() {
    files.insert(copy("file_c", SESSION));

    boolean removed =
        files.freeUnclaimed(
            copy("file_c", SESSION),
            T0,
            () -> true,
            () -> {
              throw new AssertionError("removed");
            });

    assertFalse(removed);
    assertTrue(files.find("file_c").isPresent());
  }

  @Test
  void the_copy_of_a_removed_resource_is_gone_and_its_bytes_once_no_call_can_need_them()
      throws IOException {
    files.insert(copy("file_c", SESSION));
    blobs.put(SESSION + "/files/file_c", BYTES);

    new FileStore(files, blobs, () -> T0).removeSessionCopy("file_c");
    sweep(T0).sweep(T0.plus(FileSweep.BYTES_KEPT).plusSeconds(1));
    assertArrayEquals(BYTES, blobs.get(SESSION + "/files/file_c"));
    sweep(T0).sweep(T0.plus(FileSweep.REMOVED_COPY_KEPT).plusSeconds(1));

    assertEquals(Optional.empty(), files.find("file_c"));
    assertThrows(NoSuchFileException.class, () -> blobs.get(SESSION + "/files/file_c"));
  }

  @Test
  void a_copy_for_a_session_that_never_came_is_removed() throws IOException {
    files.insert(copy("file_c", STRANGER));
    files.insert(copy("file_d", SESSION));
    blobs.put(STRANGER + "/files/file_c", BYTES);

    Instant givenUp = T0.plus(FileSweep.UNSETTLED_KEPT).plusSeconds(1);
    sweep(T0).sweep(givenUp);

    assertEquals(Optional.empty(), files.find("file_c"));
    assertTrue(files.find("file_d").isPresent());
    assertThrows(NoSuchFileException.class, () -> blobs.get(STRANGER + "/files/file_c"));
  }

  @Test
  void a_session_gets_a_copy_that_outlives_the_file() throws IOException {
    StoredFile file = upload("file_a", T0);
    stored(file, 100);
    blobs.put(file.blobKey(), BYTES);
    FileStore store = new FileStore(files, blobs, () -> T0);

    StoredFile copy = store.addSessionCopy(SESSION, file, "file_copy", T0);
    files.delete("file_a", T0);
    sweep(T0).deleted(file);

    assertEquals(Optional.of(copy), store.find("file_copy"));
    assertEquals(SESSION + "/files/file_copy", copy.blobKey());
    assertArrayEquals(BYTES, blobs.get(copy.blobKey()));
  }

  @Test
  void a_file_whose_bytes_are_gone_cannot_be_copied() throws IOException {
    StoredFile expired = expiring("file_a", T0.plusSeconds(3600));
    blobs.put(expired.blobKey(), BYTES);
    FileStore late = new FileStore(files, blobs, () -> T0.plusSeconds(3600));
    FileStore store = new FileStore(files, blobs, () -> T0);
    StoredFile missing = upload("file_missing", T0);

    assertEquals(
        "file_expired", code(() -> late.addSessionCopy(SESSION, expired, "file_copy", T0)));
    assertEquals(
        "file_expired", code(() -> store.addSessionCopy(SESSION, missing, "file_copy", T0)));
    assertEquals(Optional.empty(), files.find("file_copy"));
  }

  @Test
  void the_row_of_a_copy_comes_before_its_bytes_and_goes_after_them() throws IOException {
    StoredFile file = upload("file_a", T0);
    blobs.put(file.blobKey(), BYTES);
    FileStore store = new FileStore(files, blobs, () -> T0);

    StoredFile copy = store.addSessionCopy(SESSION, file, "file_copy", T0);
    assertThrows(
        IllegalStateException.class,
        () -> store.addSessionCopy(STRANGER, file, "file_copy", T0),
        "no row");
    assertThrows(NoSuchFileException.class, () -> blobs.get(STRANGER + "/files/file_copy"));
    store.withdrawSessionCopy(SESSION, "file_copy");

    assertEquals(Optional.empty(), files.find("file_copy"));
    assertThrows(NoSuchFileException.class, () -> blobs.get(copy.blobKey()));
  }

  private static @Nullable String code(Runnable attempt) {
    return assertThrows(ApiException.class, attempt::run).error().code();
  }

  private boolean stored(StoredFile file, long bytesMax) {
    files.begin(file);
    return files.complete(file, bytesMax);
  }

  private Output output(String id, String path, long offset, Instant at) {
    return files.output(written(id, SESSION, at), SESSION, path, offset, at);
  }

  private List<StoredFile> all() {
    return files.list(search(Set.of(), Optional.empty(), true, null, 100));
  }

  private List<StoredFile> outputs() {
    return files.list(search(Set.of(), Optional.of(SESSION.value()), true, null, 100));
  }

  private static Search search(
      Set<String> ids,
      Optional<String> session,
      boolean older,
      @Nullable StoredFile from,
      int rowsMax) {
    return new Search(
        ids,
        session,
        older,
        Optional.ofNullable(from).map(file -> new Place(file.createdAt(), file.id())),
        rowsMax);
  }

  private FileSweep sweep(Instant now) {
    return new FileSweep(files, blobs, _ -> true, () -> now);
  }

  private static List<String> ids(List<StoredFile> list) {
    return list.stream().map(StoredFile::id).toList();
  }

  private static StoredFile upload(String id, Instant at) {
    return file(id, at, null, null, "files/" + id + "/content", StoredFile.Origin.UPLOAD);
  }

  private static StoredFile expiring(String id, Instant expiresAt) {
    return file(id, T0, expiresAt, null, "files/" + id + "/content", StoredFile.Origin.UPLOAD);
  }

  private static StoredFile written(String id, SessionId session, Instant at) {
    return file(
        id, at, null, session, session + "/outputs/" + id, StoredFile.Origin.SESSION_OUTPUT);
  }

  private static StoredFile copy(String id, SessionId session) {
    return file(id, T0, null, session, session + "/files/" + id, StoredFile.Origin.SESSION_INPUT);
  }

  private static StoredFile file(
      String id,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable SessionId scope,
      String blobKey,
      StoredFile.Origin origin) {
    return new StoredFile(
        id,
        "w",
        "a.txt",
        "text/plain",
        3,
        createdAt,
        expiresAt,
        origin == StoredFile.Origin.SESSION_OUTPUT,
        scope,
        blobKey,
        origin);
  }

  private void execute(String sql) throws SQLException {
    try (var connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
