package io.steward.sandbox.mount;

import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.sandbox.SandboxMount;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/// Shows mounts in session directories. Doing it again changes nothing, also after a crash in
/// between. Calls for one session must not overlap.
///
/// Files are copied below the uploads, and files that are not named any more are removed. A
/// repository is unpacked once per session directory; from then on it is the agent's, who may have
/// removed it or may have had something in its place.
public final class Mounts {
  private static final Logger LOG = Logger.getLogger(Mounts.class);
  private static final Duration STORE_PAUSE = Duration.ofMillis(250);
  private static final String UPLOADS = "/mnt/session/uploads";
  private static final String WORKSPACE = "/workspace";

  private final BlobStore blobs;
  private final Limits limits;

  /// @param bytesMax bytes all files, or one repository, may take
  /// @param filesMax files and directories one repository may have
  /// @param storeWait how long a blob store that does not answer is waited for
  public record Limits(long bytesMax, long filesMax, Duration storeWait) {}

  public Mounts(BlobStore blobs, Limits limits) {
    this.blobs = blobs;
    this.limits = limits;
  }

  /// Makes the session show `mounts` and no other files.
  ///
  /// @param directory of the session, prepared
  /// @param canceled ends the work; the answer is then a refusal
  public Mounting show(
      SessionDirectory directory, List<SandboxMount> mounts, BooleanSupplier canceled) {
    Path staging = directory.service().resolve("staging");
    try {
      Work work = new Work(directory, staging, MountLedger.read(directory.service()), canceled);
      Mounting mounting = showFiles(work, mounts);
      return mounting instanceof Mounting.Refused ? mounting : showRepositories(work, mounts);
    } catch (IOException e) {
      LOG.errorf(e, "mounts failed session_id=%s", directory.path().getFileName());
      return new Mounting.Refused(
          "What this session was given could not be mounted because the sandbox service failed, so"
              + " nothing ran. Try again later.");
    }
  }

  private record Work(
      SessionDirectory directory, Path staging, MountLedger ledger, BooleanSupplier canceled) {
    /// Makes the staging empty: what is there was left by a crash.
    void freshStaging() throws IOException {
      Trees.remove(staging);
      Files.createDirectory(staging);
    }
  }

  private Mounting showFiles(Work work, List<SandboxMount> mounts) throws IOException {
    UploadFiles uploads = new UploadFiles(work.directory().uploads(), work.staging());
    List<SandboxMount.FileMount> files = only(mounts, SandboxMount.FileMount.class);
    if (files.isEmpty() && uploads.isEmpty()) {
      return new Mounting.Shown();
    }
    long bytes = files.stream().mapToLong(SandboxMount.FileMount::sizeBytes).sum();
    if (bytes > limits.bytesMax()) {
      return new Mounting.Refused(
          "The files this session was given take %d bytes, more than the %d bytes a session may keep, so nothing ran. Remove some of its resources."
              .formatted(bytes, limits.bytesMax()));
    }
    Map<MountPath, SandboxMount.FileMount> wanted = new LinkedHashMap<>();
    for (SandboxMount.FileMount file : files) {
      try {
        wanted.put(MountPath.below(UPLOADS, file.path()), file);
      } catch (UnmountableException e) {
        return refused(work, file, e);
      }
    }
    uploads.removeOthers(wanted);
    for (Map.Entry<MountPath, SandboxMount.FileMount> entry : wanted.entrySet()) {
      try {
        showFile(work, uploads, entry.getKey(), entry.getValue());
      } catch (IOException e) {
        work.ledger().write();
        return refused(work, entry.getValue(), e);
      }
    }
    work.ledger().blobKeys().keySet().retainAll(names(wanted));
    work.ledger().write();
    return new Mounting.Shown();
  }

  private static List<String> names(Map<MountPath, ?> wanted) {
    return wanted.keySet().stream().map(MountPath::toString).toList();
  }

  private void showFile(Work work, UploadFiles uploads, MountPath path, SandboxMount.FileMount file)
      throws IOException {
    Map<String, String> known = work.ledger().blobKeys();
    if (file.blobKey().equals(known.get(path.toString())) && uploads.isThere(path)) {
      return;
    }
    work.freshStaging();
    try (InputStream in = open(file.blobKey(), work.canceled())) {
      uploads.place(path, in, work.canceled());
    }
    known.put(path.toString(), file.blobKey());
    LOG.infof(
        "file mounted session_id=%s path=%s bytes=%d",
        work.directory().path().getFileName(), file.path(), file.sizeBytes());
  }

  private Mounting showRepositories(Work work, List<SandboxMount> mounts) throws IOException {
    List<SandboxMount.RepositoryMount> repositories =
        only(mounts, SandboxMount.RepositoryMount.class).stream()
            .sorted(Comparator.comparing(SandboxMount.RepositoryMount::path))
            .toList();
    for (SandboxMount.RepositoryMount repository : repositories) {
      if (!work.ledger().repositories().containsKey(repository.resourceId())) {
        try {
          showRepository(work, repository);
        } catch (IOException e) {
          return refused(work, repository, e);
        }
      }
    }
    return new Mounting.Shown();
  }

  private void showRepository(Work work, SandboxMount.RepositoryMount repository)
      throws IOException {
    MountPath path = MountPath.below(WORKSPACE, repository.path());
    work.freshStaging();
    Path tree = Files.createDirectory(work.staging().resolve("tree"));
    Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (InputStream archive = open(repository.archiveKey(), work.canceled())) {
      new RepositoryArchive(tree, limits, work.canceled()).unpack(archive);
      boolean moved = new RepositoryPlace(work.directory(), work.staging()).move(tree, path);
      work.ledger().repositories().put(repository.resourceId(), path.toString());
      work.ledger().write();
      LOG.infof(
          "%s session_id=%s resource_id=%s path=%s",
          moved
              ? "repository mounted"
              : "repository not mounted, because the agent has something there",
          work.directory().path().getFileName(),
          repository.resourceId(),
          repository.path());
    } finally {
      Trees.remove(work.staging());
    }
  }

  /// The content of a blob. A store that is away is waited for.
  private InputStream open(String blobKey, BooleanSupplier canceled) throws IOException {
    long latest = System.nanoTime() + limits.storeWait().toNanos();
    while (true) {
      try {
        return blobs.open(blobKey);
      } catch (NoSuchFileException e) {
        throw new UnmountableException("its content is gone");
      } catch (IOException e) {
        if (canceled.getAsBoolean() || System.nanoTime() - latest > 0) {
          throw e;
        }
        LOG.warnf("a file to be mounted does not come, trying again: %s", e);
        LockSupport.parkNanos(STORE_PAUSE.toNanos());
      }
    }
  }

  private static Mounting refused(Work work, SandboxMount mount, IOException failure) {
    LOG.warnf(
        failure instanceof UnmountableException ? null : failure,
        "mount failed session_id=%s path=%s: %s",
        work.directory().path().getFileName(),
        mount.path(),
        because(failure));
    String what =
        switch (mount) {
          case SandboxMount.FileMount _ -> "file";
          case SandboxMount.RepositoryMount _ -> "repository";
        };
    return new Mounting.Refused(
        "The %s %s of this session could not be mounted because %s, so nothing ran."
            .formatted(what, mount.path(), because(failure)));
  }

  private static String because(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof UnmountableException) {
      return message;
    }
    return message.contains("No space left on device")
        ? "the disk of the sandboxes is full"
        : "the sandbox service could not read or write it";
  }

  private static <T extends SandboxMount> List<T> only(List<SandboxMount> mounts, Class<T> type) {
    return mounts.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
