package io.steward.sandbox.output;

import io.steward.sandbox.driver.SessionDirectory;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Publishes the outputs of all sessions here. Safe from any thread.
public final class Outputs implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Outputs.class);
  private static final int LARGE_COPIES_MAX = 2;
  private static final long CLOSE_MS_MAX = 500;

  private final Path root;
  private final SessionOutputs.Parts parts;
  private final Map<SessionId, SessionOutputs> sessions = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  /// @param root directory with a directory per session
  public Outputs(
      Path root, BlobStore blobs, OutputChannel channel, InstantSource clock, OutputLimits limits) {
    this.root = root;
    this.parts =
        new SessionOutputs.Parts(
            blobs, channel, clock, limits, new Semaphore(LARGE_COPIES_MAX, true));
  }

  /// Removes a session's files.
  @FunctionalInterface
  public interface Removal {
    void run() throws IOException;
  }

  /// Looks at the outputs of `session` soon; done when what there was is published, or was left
  /// out. It never fails.
  public CompletableFuture<Void> look(SessionId session, String workspaceId, Occasion occasion) {
    return look(session, Optional.of(workspaceId), occasion);
  }

  private CompletableFuture<Void> look(
      SessionId session, Optional<String> workspaceId, Occasion occasion) {
    while (!stopping) {
      Optional<CompletableFuture<Void>> look = outputs(session).look(workspaceId, occasion);
      if (look.isPresent()) {
        return look.get();
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  private SessionOutputs outputs(SessionId session) {
    return sessions.computeIfAbsent(
        session,
        id ->
            new SessionOutputs(
                id, SessionDirectory.of(root, id), parts, over -> sessions.remove(id, over)));
  }

  /// Removes a session's files and published blobs. Nothing is published once `files` are removed.
  ///
  /// @param writers ends who may write outputs
  public void remove(SessionId session, Runnable writers, Removal files) throws IOException {
    SessionOutputs outputs = outputs(session);
    while (!outputs.forbid()) {
      outputs = outputs(session);
    }
    writers.run();
    outputs.rest().join();
    files.run();
    parts.blobs().deleteAll(OutputCopy.prefix(session));
    sessions.remove(session, outputs);
  }

  /// Looks at all directories, for what an earlier life of this service did not come to.
  public void lookAtAll() {
    List<SessionId> all = new ArrayList<>();
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(root, "sesn_*")) {
      for (Path directory : directories) {
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
          SessionId.parse(directory.getFileName().toString()).ifPresent(all::add);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.warn("the session directories could not be listed", e);
    }
    for (SessionId session : all) {
      if (stopping) {
        return;
      }
      look(session, Optional.empty(), Occasion.AT_END).join();
    }
  }

  /// Lets looks end that are quick, and ends the others. What they did not come to is found at the
  /// next start.
  @Override
  public void close() {
    awaitRest();
    stopping = true;
    sessions.values().forEach(SessionOutputs::forbid);
    awaitRest();
  }

  private void awaitRest() {
    CompletableFuture.allOf(
            sessions.values().stream()
                .map(SessionOutputs::rest)
                .toArray(CompletableFuture<?>[]::new))
        .completeOnTimeout(null, CLOSE_MS_MAX, TimeUnit.MILLISECONDS)
        .join();
  }
}
