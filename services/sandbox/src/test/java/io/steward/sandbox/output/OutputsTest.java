package io.steward.sandbox.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.Commands;
import io.steward.sandbox.driver.FileNames;
import io.steward.sandbox.driver.SessionDirectory;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxOutput;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class OutputsTest {
  private static final OutputLimits LIMITS = new OutputLimits(1 << 20, 5, 4 << 20);
  private static final String WORKSPACE = "wrkspc_1";

  @TempDir Path root;

  private final SessionId session = SessionId.random(1);
  private final List<SandboxOutput> told = new ArrayList<>();
  private final List<String> workspaces = new ArrayList<>();
  private final ShiftedClock clock = new ShiftedClock();
  private SessionDirectory directory = new SessionDirectory(Path.of("unset"));
  private BlobStore blobs = new DirectoryBlobStore(Path.of("unset"));
  private boolean broken;

  /// The time of this machine, which file systems use, too, and later when a test wants.
  private static final class ShiftedClock implements InstantSource {
    private long millis;

    @Override
    public Instant instant() {
      return InstantSource.system().instant().plusMillis(millis);
    }
  }

  @BeforeEach
  void makeDirectories() throws IOException {
    directory = SessionDirectory.of(root.resolve("sandboxes"), session);
    Files.createDirectories(directory.service());
    Files.createDirectories(directory.outputs());
    blobs = new DirectoryBlobStore(root.resolve("blobs"));
  }

  private Outputs outputs() {
    return outputs(blobs);
  }

  private Outputs outputs(BlobStore store) {
    return new Outputs(root.resolve("sandboxes"), store, this::tell, clock, LIMITS);
  }

  private synchronized boolean tell(String workspaceId, SandboxOutput output) {
    if (broken) {
      return false;
    }
    told.add(output);
    workspaces.add(workspaceId);
    return true;
  }

  private void look(Outputs outputs, Occasion occasion) {
    outputs.look(session, WORKSPACE, occasion).join();
  }

  private void look() {
    look(outputs(), Occasion.AFTER_CALL);
  }

  private Path write(String path, String content) throws IOException {
    Path file = directory.outputs().resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  private synchronized List<String> paths() {
    return told.stream().map(SandboxOutput::path).sorted().toList();
  }

  private List<String> blobKeys() throws IOException {
    Path all = root.resolve("blobs").resolve(session.value()).resolve("outputs");
    if (!Files.exists(all)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(all)) {
      return files.map(file -> session + "/outputs/" + file.getFileName()).sorted().toList();
    }
  }

  @Test
  void a_file_is_published_with_all_that_is_known_of_it() throws IOException {
    write("reports/summary.csv", "a,b\n");

    look();

    SandboxOutput output = told.getFirst();
    assertEquals(
        "5be08c9684a1d25efcee09318204824278b08bbfb4aef973ffefd0b9d7478313", output.sha256());
    assertEquals(session, output.sessionId());
    assertEquals("reports/summary.csv", output.path());
    assertEquals("text/csv", output.mediaType());
    assertEquals(4, output.sizeBytes());
    assertEquals(
        Ids.derived("file_", session + "reports/summary.csv" + output.sha256()), output.fileId());
    assertEquals(session + "/outputs/" + output.fileId(), output.blobKey());
    assertEquals("a,b\n", new String(blobs.get(output.blobKey()), StandardCharsets.UTF_8));
    assertEquals(List.of(output.blobKey()), blobKeys());
    assertEquals(List.of(WORKSPACE), workspaces);
  }

  @Test
  void nothing_is_published_twice_also_after_a_restart() throws IOException {
    write("a", "one");
    Outputs first = outputs();
    look(first, Occasion.AFTER_CALL);
    look(first, Occasion.AFTER_CALL);

    look(outputs(), Occasion.AFTER_CALL);
    outputs().lookAtAll();

    assertEquals(List.of("a"), paths());
  }

  @Test
  void the_same_content_written_again_is_told_again_once_as_the_same_version() throws IOException {
    Path file = write("a", "one");
    look();
    blobs.delete(told.getFirst().blobKey()); // A client deleted the file.
    Files.writeString(file, "one");
    Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    look();
    look();
    look();

    assertEquals(List.of("a", "a"), paths());
    assertEquals(told.getFirst().fileId(), told.getLast().fileId());
    assertEquals(List.of(told.getLast().blobKey()), blobKeys());
  }

  @Test
  void versions_told_again_do_not_count_as_bytes_again() throws IOException {
    for (int i = 0; i < 6; i++) {
      Path file = write("a", "x".repeat(1 << 20));
      Files.setLastModifiedTime(file, FileTime.fromMillis(i));
      look();
    }

    assertEquals(6, told.size());
  }

  @Test
  void a_rewritten_file_gets_a_new_id_even_at_once_and_with_its_old_time() throws IOException {
    Path file = write("a", "one");
    FileTime time = Files.getLastModifiedTime(file);
    look();
    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, time);
    look();

    assertEquals(List.of("a", "a"), paths());
    assertNotEquals(told.getFirst().fileId(), told.getLast().fileId());
    assertEquals("two", new String(blobs.get(told.getLast().blobKey()), StandardCharsets.UTF_8));
  }

  @Test
  void symlinks_and_special_files_are_not_published() throws IOException {
    Path outside = Files.createDirectory(root.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "x");
    Files.createSymbolicLink(directory.outputs().resolve("passwd"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(directory.outputs().resolve("directory"), outside);
    Commands.run(List.of("mkfifo", directory.outputs().resolve("fifo").toString()));
    Files.createLink(directory.outputs().resolve("second"), write("first", "one"));

    look();

    assertEquals(List.of("first", "second"), paths());
  }

  @Test
  void outputs_that_became_a_symlink_are_not_looked_at() throws IOException {
    Path outside = Files.createDirectory(root.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "x");
    Files.delete(directory.outputs());
    Files.createSymbolicLink(directory.outputs(), outside);

    look();

    assertEquals(List.of(), paths());
  }

  @Test
  void what_was_swapped_after_it_was_seen_is_not_followed() throws IOException {
    Path outside = Files.createDirectory(root.resolve("outside"));
    Files.writeString(outside.resolve("f"), "secret");
    write("d/f", "fine");
    OutputTree.Found seen = OutputTree.of(directory).files().getFirst();

    Files.move(directory.outputs().resolve("d"), directory.outputs().resolve("e"));
    Files.createSymbolicLink(directory.outputs().resolve("d"), outside);
    assertTrue(OutputTree.open(directory, seen).isEmpty());

    Files.delete(directory.outputs().resolve("d"));
    Commands.run(List.of("mkfifo", directory.outputs().resolve("d").toString()));
    assertTrue(OutputTree.open(directory, seen).isEmpty());
  }

  @Test
  void names_that_are_no_text_are_left_out() throws IOException {
    Path outputs = directory.outputs();
    Files.writeString(outputs.resolve(Path.of(URI.create("file:///%ff")).getFileName()), "x");
    Files.writeString(FileNames.below(outputs, "a\nb"), "x");
    Files.writeString(FileNames.below(outputs, "日本 é.txt"), "x");
    Files.writeString(outputs.resolve(".hidden"), "x");

    look();

    assertEquals(List.of(".hidden", "日本 é.txt"), paths());
  }

  @Test
  void what_is_too_large_too_deep_or_too_much_is_left_out() throws IOException {
    write("a/".repeat(17) + "f", "x");
    try (var sparse =
        Files.newByteChannel(
            directory.outputs().resolve("huge"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      sparse.position((1 << 20)).write(java.nio.ByteBuffer.wrap(new byte[1]));
    }
    look();
    assertEquals(List.of(), paths());

    for (int i = 0; i < 7; i++) {
      write("f" + i, Integer.toString(i));
    }
    look();
    assertEquals(5, told.size());
  }

  @Test
  void bytes_over_all_versions_are_limited() throws IOException {
    for (int i = 0; i < 6; i++) {
      write("a", Integer.toString(i).repeat(1 << 20));
      look();
    }

    assertEquals(4, told.size());
  }

  @Test
  void a_file_that_changes_while_it_is_read_is_taken_at_the_next_look() throws IOException {
    Path file = write("a", "one");
    List<String> growing = new ArrayList<>(List.of("two"));
    BlobStore slow =
        new DisturbedBlobStore(
            blobs,
            _ -> {
              if (!growing.isEmpty()) {
                Files.writeString(file, growing.removeFirst(), StandardOpenOption.APPEND);
              }
            });
    Outputs outputs = outputs(slow);

    look(outputs, Occasion.AFTER_CALL);
    assertEquals(List.of(), paths());
    assertEquals(List.of(), blobKeys());
    look(outputs, Occasion.AFTER_CALL);

    assertEquals(6, told.getFirst().sizeBytes());
  }

  @Test
  void what_could_not_be_told_is_told_at_the_next_look() throws IOException {
    write("a", "one");
    broken = true;
    look();
    broken = false;

    look();

    assertEquals(List.of("a"), paths());
  }

  @Test
  void while_commands_run_a_file_is_taken_when_it_rests() throws IOException {
    Path file = write("a", "one");
    Outputs outputs = outputs();
    clock.millis = 100;
    look(outputs, Occasion.MEANWHILE);
    assertEquals(List.of(), paths());

    clock.millis = 1000;
    look(outputs, Occasion.MEANWHILE);
    assertEquals(List.of("a"), paths());

    Files.writeString(file, "two!");
    clock.millis = 4000;
    look(outputs, Occasion.MEANWHILE);
    assertEquals(List.of("a"), paths());

    clock.millis = 12_000;
    look(outputs, Occasion.MEANWHILE);
    assertEquals(List.of("a", "a"), paths());
  }

  @Test
  void what_an_earlier_life_did_not_come_to_is_found_at_the_start() throws IOException {
    write("a", "one");

    outputs().lookAtAll();

    assertEquals(List.of("a"), paths());
  }

  @Test
  void nothing_is_published_of_a_removed_session() throws Exception {
    write("a", "one");
    List<CompletableFuture<Void>> later = new ArrayList<>();
    Outputs outputs = outputs();
    look(outputs, Occasion.AFTER_CALL);
    assertFalse(blobKeys().isEmpty());
    write("b", "two");

    outputs.remove(
        session,
        () -> later.add(outputs.look(session, WORKSPACE, Occasion.AT_END)),
        () -> later.add(outputs.look(session, WORKSPACE, Occasion.AFTER_CALL)));
    later.forEach(CompletableFuture::join);

    assertEquals(List.of("a"), paths());
    assertEquals(List.of(), blobKeys());
  }

  @Test
  void many_wishes_become_few_looks_and_all_are_answered() throws IOException {
    Outputs outputs = outputs();
    List<CompletableFuture<Void>> looks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      write("a", "v" + i);
      looks.add(outputs.look(session, WORKSPACE, Occasion.AFTER_CALL));
      looks.add(outputs.look(session, WORKSPACE, Occasion.AT_END));
    }
    looks.forEach(CompletableFuture::join);

    assertEquals("v99", new String(blobs.get(told.getLast().blobKey()), StandardCharsets.UTF_8));
  }

  @Test
  void a_small_file_does_not_wait_for_a_large_one() throws Exception {
    CompletableFuture<Void> reading = new CompletableFuture<>();
    CompletableFuture<Void> stored = new CompletableFuture<>();
    int largeBytes = (16 << 20) + 1;
    BlobStore slow =
        new DisturbedBlobStore(
            blobs,
            bytes -> {
              if (bytes == largeBytes) {
                reading.complete(null);
                stored.join();
              }
            });
    OutputLimits limits = new OutputLimits(32 << 20, 5, 64 << 20);
    Outputs outputs = new Outputs(root.resolve("sandboxes"), slow, this::tell, clock, limits);
    Files.write(directory.outputs().resolve("large"), new byte[largeBytes]);
    CompletableFuture<Void> first = outputs.look(session, WORKSPACE, Occasion.AFTER_CALL);
    reading.join();

    write("small", "x");
    CompletableFuture<Void> second = outputs.look(session, WORKSPACE, Occasion.AFTER_CALL);
    while (paths().isEmpty()) {
      Thread.sleep(5);
    }

    assertEquals(List.of("small"), paths());
    assertFalse(first.isDone());
    stored.complete(null);
    CompletableFuture.allOf(first, second).join();
    assertEquals(List.of("large", "small"), paths());
  }

  @Test
  void a_closed_one_publishes_nothing() throws IOException {
    Outputs outputs = outputs();
    outputs.close();
    write("a", "one");

    look(outputs, Occasion.AT_END);

    assertEquals(List.of(), paths());
  }

  @Test
  void a_damaged_ledger_means_publishing_again() throws IOException {
    write("a", "one");
    look();
    Files.writeString(directory.service().resolve("outputs.json"), "{");

    look();

    assertEquals(List.of("a", "a"), paths());
    assertEquals(told.getFirst().fileId(), told.getLast().fileId());
  }

  @Test
  void limits_below_one_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> new OutputLimits(0, 1, 1));
  }
}
