package io.steward.sandbox.call;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.sandbox.driver.ParentThread;
import io.steward.sandbox.driver.SandboxDriver;
import io.steward.sandbox.driver.SandboxLimits;
import io.steward.sandbox.driver.Trees;
import io.steward.sandbox.egress.WaysOut;
import io.steward.sandbox.journal.InMemoryJournal;
import io.steward.sandbox.journal.Journal;
import io.steward.sandbox.mount.TarGz;
import io.steward.sandbox.packages.EnvironmentPackages;
import io.steward.sandbox.save.InMemoryHeads;
import io.steward.sandbox.tool.Toolset;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.event.ContentBlock;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import io.steward.schemas.sandbox.SandboxCommand;
import io.steward.schemas.sandbox.SandboxMount;
import io.steward.schemas.sandbox.SandboxMount.FileMount;
import io.steward.schemas.sandbox.SandboxMount.RepositoryMount;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.sandbox.SandboxOutput;
import io.steward.schemas.sandbox.ToolResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// What calls see of mounts, and what becomes of the files they leave, with real sandboxes.
@Timeout(60)
abstract class SessionFilesContract {
  private static final String OWNER = "owner";
  private static final String WORKSPACE = "wrkspc_default";
  private static final SandboxLimits LIMITS =
      new SandboxLimits(256L << 20, 128, 64L << 20, 32L << 20, Duration.ofSeconds(3));

  @TempDir(cleanup = CleanupMode.NEVER)
  Path root;

  final SessionId session = SessionId.random(0);
  private final InMemoryJournal journal = new InMemoryJournal();
  private final RecordingOutbox outbox = new RecordingOutbox();
  private final InMemoryHeads heads = new InMemoryHeads();
  private final ParentThread parent = new ParentThread();
  private final List<Sandboxes> all = new ArrayList<>();
  private BlobStore blobs = new DirectoryBlobStore(Path.of("unset"));

  abstract SandboxDriver driver(Path directory, SandboxLimits limits, ParentThread thread);

  /// What the inside calls a directory of the session.
  abstract String inside(String path);

  @BeforeEach
  void makeBlobStore() throws IOException {
    blobs = new DirectoryBlobStore(Files.createDirectories(root.resolve("blobs")));
  }

  @AfterEach
  void closeAll() throws IOException {
    all.forEach(sandboxes -> sandboxes.closeAll("the test ended"));
    parent.close();
    Trees.remove(root);
  }

  /// The service, as after a start.
  private ToolCalls calls() {
    return calls(root.resolve("sandboxes"));
  }

  private ToolCalls calls(Path directory) {
    Sandboxes sandboxes =
        new Sandboxes(
            driver(directory, LIMITS, parent),
            EnvironmentPackages.NOTHING,
            WaysOut.NONE,
            TestExchange.of(directory, blobs, outbox, heads),
            directory,
            new Sandboxes.Limits(Duration.ZERO, 10),
            outbox,
            InstantSource.system());
    all.add(sandboxes);
    return new ToolCalls(
        sandboxes,
        new Toolset(new Toolset.ToolLimits(Duration.ofSeconds(20), 1 << 20)),
        journal,
        outbox,
        InstantSource.system(),
        new ToolCalls.Identity(OWNER, 4),
        new CallTally());
  }

  private SandboxCommand.RunTool bash(String command, SandboxMount... mounts) {
    return new SandboxCommand.RunTool(
        session,
        Ids.random("sevt_"),
        "bash",
        Json.tree(Map.of("command", command)),
        "env_1",
        Json.tree(Map.of()),
        null,
        List.of(mounts),
        SandboxNetwork.NONE);
  }

  private ToolResult run(ToolCalls calls, SandboxCommand.RunTool command)
      throws InterruptedException {
    calls.run(command, WORKSPACE, () -> {});
    return outbox.await(command.toolUseId(), 1);
  }

  private String text(ToolCalls calls, String command, SandboxMount... mounts)
      throws InterruptedException {
    return text(run(calls, bash(command, mounts)));
  }

  private static String text(ToolResult result) {
    return ((ContentBlock.Text) result.content().getFirst()).text();
  }

  private FileMount file(String path, String content) throws IOException {
    String key = session + "/files/" + Ids.random("file_");
    blobs.put(key, content.getBytes(StandardCharsets.UTF_8));
    return new FileMount("/mnt/session/uploads/" + path, key, content.length());
  }

  @Test
  void a_file_is_there_before_the_call_and_gone_when_it_is_not_named() throws Exception {
    ToolCalls calls = calls();
    FileMount one = file("dé/one.txt", "1");
    FileMount two = file("two", "2");
    String list =
        "cd " + inside("uploads") + "; find . -type f | LC_ALL=C sort | xargs -d '\\n' cat";

    assertEquals("1", text(calls, list, one));
    assertEquals("12", text(calls, list, one, two));
    assertEquals("2", text(calls, list, two));
    assertEquals("(no output)", text(calls, list));
  }

  @Test
  void unchanged_mounts_need_no_blob() throws Exception {
    ToolCalls calls = calls();
    FileMount mount = file("one", "1");
    String show = "cat " + inside("uploads") + "/one";
    text(calls, show, mount);
    blobs.delete(mount.blobKey());

    assertEquals("1", text(calls, show, mount));
    assertEquals("1", text(calls(), show, mount));
  }

  @Test
  void a_mount_that_cannot_be_made_is_an_error_and_nothing_runs() throws Exception {
    ToolCalls calls = calls();
    FileMount lost = new FileMount("/mnt/session/uploads/lost", "lost", 1);
    SandboxCommand.RunTool command = bash("touch ran", lost);

    ToolResult result = run(calls, command);

    assertTrue(result.isError());
    assertEquals(
        "The file /mnt/session/uploads/lost of this session could not be mounted because its"
            + " content is gone, so nothing ran.",
        text(result));
    assertInstanceOf(Journal.Entry.Finished.class, journal.find(command.toolUseId()).orElseThrow());
    assertEquals("(no output)", text(calls, "ls"));
  }

  @Test
  void a_repository_is_the_agents_to_change_and_to_keep() throws Exception {
    ToolCalls calls = calls();
    blobs.put(
        "archive",
        new TarGz()
            .file("README", "read me\n")
            .file("bin/run", "#!/bin/sh\necho ran\n", 0755)
            .symlink("link", "README")
            .bytes());
    RepositoryMount mount = new RepositoryMount("/workspace/deep/repo", "sesrsc_1", "archive");

    assertEquals(
        "read me\nran\nmine",
        text(calls, "cd deep/repo; cat link; bin/run; echo mine >README; cat README", mount));
    blobs.delete("archive");

    assertEquals("mine", text(calls, "cat README; touch ../new bin/new", mount));
    assertEquals("mine", text(calls(), "cat deep/repo/README", mount));
  }

  @Test
  void a_repository_leads_no_further_than_the_workspace() throws Exception {
    ToolCalls calls = calls();
    Path outside = Files.createDirectory(root.resolve("outside"));
    blobs.put("archive", new TarGz().file("f", "x").bytes());
    text(calls, "ln -s " + outside + " deep; ln -s /tmp other");

    text(calls, "true", new RepositoryMount("/workspace/deep/repo", "sesrsc_1", "archive"));
    text(calls, "true", new RepositoryMount("/workspace/deep", "sesrsc_2", "archive"));
    text(calls, "true", new RepositoryMount("/workspace/other/repo", "sesrsc_3", "archive"));

    try (var left = Files.list(outside)) {
      assertEquals(List.of(), left.toList());
    }
    assertEquals("no", text(calls, "ls -d /tmp/repo 2>&- || echo no"));
  }

  @Test
  void an_output_is_published_before_the_result() throws Exception {
    ToolCalls calls = calls();

    text(calls, "mkdir " + inside("outputs") + "/d; echo hello >" + inside("outputs") + "/d/a.txt");

    SandboxOutput output = outbox.outputs().getFirst();
    assertEquals("d/a.txt", output.path());
    assertEquals("text/plain", output.mediaType());
    assertEquals("hello\n", new String(blobs.get(output.blobKey()), StandardCharsets.UTF_8));
  }

  @Test
  void a_rewritten_output_is_another_file_and_an_old_one_is_not_sent_again() throws Exception {
    ToolCalls calls = calls();
    String file = inside("outputs") + "/a";
    text(calls, "echo one >" + file);
    text(calls, "echo two >" + file);
    text(calls, "true");
    all.getFirst().closeAll("the service stopped");

    text(calls(), "echo more >" + file + "2");

    assertEquals(
        List.of("a", "a", "a2"), outbox.outputs().stream().map(SandboxOutput::path).toList());
    assertEquals(3, outbox.outputs().stream().map(SandboxOutput::fileId).distinct().count());
  }

  @Test
  void hostile_outputs_publish_nothing_of_the_machine() throws Exception {
    ToolCalls calls = calls();
    Path secret = Files.writeString(root.resolve("secret"), "host");
    String outputs = inside("outputs");

    text(
        calls,
        "cd "
            + outputs
            + "; ln -s /etc/passwd a; ln -s "
            + secret
            + " b; ln -s / c; ln -s loop loop; mkfifo f; echo fine >g; ln g h; printf x >$'\\xff'");
    text(calls, "rm -rf " + outputs + "; ln -s /etc " + outputs + "; true");

    assertEquals(
        List.of("g", "h"), outbox.outputs().stream().map(SandboxOutput::path).sorted().toList());
  }

  @Test
  void directories_that_are_swapped_all_the_time_publish_nothing_else() throws Exception {
    ToolCalls calls = calls();
    Path outside = Files.createDirectory(root.resolve("outside"));
    Files.writeString(outside.resolve("f"), "secret");
    String swap =
        "cd %s; mkdir d; echo fine >d/f; (while :; do mv d e; ln -s %s d; rm d; mkfifo d; rm d; mv e d; done) >/dev/null 2>&1 &"
            .formatted(inside("outputs"), outside);
    text(calls, swap);

    for (int i = 0; i < 100; i++) {
      text(calls, "echo " + i + " >" + inside("outputs") + "/d/f || :");
    }

    for (SandboxOutput output : outbox.outputs()) {
      String content = new String(blobs.get(output.blobKey()), StandardCharsets.UTF_8);
      assertTrue(!content.contains("secret"), output.path());
    }
  }

  @Test
  void a_background_job_is_published_while_it_goes_on() throws Exception {
    ToolCalls calls = calls();
    text(calls, "(sleep 0.2; echo late >" + inside("outputs") + "/late; sleep 600) &");

    while (outbox.outputs().isEmpty()) {
      all.getFirst().lookAtOutputs();
      Thread.sleep(50);
    }

    assertEquals("late", outbox.outputs().getFirst().path());
  }

  @Test
  void what_was_written_last_is_published_when_the_sandbox_goes() throws Exception {
    ToolCalls calls = calls();
    String file = inside("outputs") + "/late";
    text(calls, "(sleep 0.1; echo late >" + file + "; touch done) & sleep 0.01");
    Path done = root.resolve("sandboxes/" + session + "/workspace/done");
    while (!Files.exists(done)) {
      Thread.sleep(5);
    }

    while (all.getFirst().live().size() > 0) {
      all.getFirst().removeIdle();
    }

    assertEquals("late", outbox.awaitOutput(1).path());
  }

  @Test
  void what_a_lost_call_wrote_is_published_before_its_result() throws Exception {
    ToolCalls first = calls();
    text(first, "true");
    Path outputs = root.resolve("sandboxes/" + session + "/outputs");
    all.getFirst().closeAll("the service stopped");
    Files.writeString(outputs.resolve("a"), "by a call that was lost");
    Journal.Call lost = new Journal.Call(Ids.random("sevt_"), session, WORKSPACE, OWNER);
    journal.start(lost, "sbx_gone", Instant.now());

    calls().recover();

    assertEquals(ToolResult.Outcome.UNKNOWN, outbox.await(lost.toolUseId(), 1).outcome());
    assertEquals("a", outbox.outputs().getFirst().path());
  }

  @Test
  void the_workspace_comes_back_with_its_mounts_when_its_directory_is_gone() throws Exception {
    ToolCalls calls = calls();
    FileMount mount = file("one", "1");
    String show = "cat f ~/.rc " + inside("outputs") + "/o " + inside("uploads") + "/one";
    text(calls, "echo f >f; echo h >~/.rc; echo o >" + inside("outputs") + "/o", mount);
    all.getFirst().settle(session);

    Trees.remove(root.resolve("sandboxes/" + session));

    assertEquals("f\nh\no\n1", text(calls, show, mount));
    text(calls, "echo more >>f; chmod 600 f", mount);
    assertEquals("f\nmore\n600", text(calls, "cat f; stat -c %a f", mount));
  }

  @Test
  void a_session_goes_on_at_another_service_and_comes_back() throws Exception {
    ToolCalls here = calls();
    ToolCalls there = calls(root.resolve("elsewhere"));
    text(here, "echo 1 >log; mkdir -m 700 d; ln -s log d/l");
    all.getFirst().settle(session);
    assertEquals(
        "1 700 log",
        text(there, "echo 2 >>log; echo $(head -1 log) $(stat -c %a d) $(readlink d/l)"));
    all.getLast().settle(session);

    assertEquals("1\n2\n3", text(here, "echo 3 >>log; cat log"));
    all.getFirst().settle(session);
    assertEquals("1\n2\n3", text(there, "cat log"));
  }

  @Test
  void a_deleted_session_leaves_no_save_point() throws Exception {
    ToolCalls calls = calls();
    text(calls, "echo 1 >f");
    CompletableFuture<Void> deleted = new CompletableFuture<>();

    calls.delete(new SandboxCommand.DeleteSandbox(session), () -> deleted.complete(null));
    deleted.join();

    assertTrue(Files.notExists(root.resolve("blobs/" + session + "/workspace")));
    assertTrue(heads.find(session).isEmpty());
  }

  @Test
  void a_deleted_session_leaves_no_output() throws Exception {
    ToolCalls calls = calls();
    text(
        calls,
        "echo one >"
            + inside("outputs")
            + "/a; (while :; do date +%N >"
            + inside("outputs")
            + "/b; sleep 0.01; done) &");
    CompletableFuture<Void> deleted = new CompletableFuture<>();

    calls.delete(new SandboxCommand.DeleteSandbox(session), () -> deleted.complete(null));
    deleted.join();
    int published = outbox.outputs().size();
    all.getFirst().lookAtOutputs();
    all.getFirst().lookAtLost(session, WORKSPACE).join();

    assertEquals(published, outbox.outputs().size());
    assertTrue(Files.notExists(root.resolve("sandboxes/" + session)));
    assertTrue(Files.notExists(root.resolve("blobs/" + session + "/outputs")));
  }
}
