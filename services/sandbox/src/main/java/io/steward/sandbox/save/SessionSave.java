package io.steward.sandbox.save;

import io.steward.sandbox.driver.SessionDirectory;
import io.steward.sandbox.driver.Trees;
import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/// One save or restoration of one session. Not for several threads.
///
/// A save compares the directory with its index, writes what differs as a pack, then a manifest
/// that names all packs, then the index, and at last makes the manifest the newest in the database,
/// if the one it is built on still is. A crash before that leaves blobs that nobody names; they go
/// with the session.
final class SessionSave {
  /// Longer than the steps in which file systems tell times.
  static final long TIME_STEP_NS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final Logger LOG = Logger.getLogger(SessionSave.class);

  private final SessionId session;
  private final SessionDirectory directory;
  private final SavePoints.Parts parts;
  private final BooleanSupplier stopped;

  SessionSave(
      SessionId session,
      SessionDirectory directory,
      SavePoints.Parts parts,
      BooleanSupplier stopped) {
    this.session = session;
    this.directory = directory;
    this.parts = parts;
    this.stopped = stopped;
  }

  /// What came of a save.
  ///
  /// @param bytes of the pack, before it is compressed
  record Saved(boolean changed, int entries, long bytes) {
    private static final Saved NOTHING = new Saved(false, 0, 0);
  }

  /// The key below which the save points of a generation of `session`'s files are. None of it is
  /// below another's.
  static String prefix(SessionId session, long generation) {
    return session.value() + "/workspace" + (generation == 0 ? "" : "-" + generation);
  }

  /// @throws SaveRefusedException when there can be none now
  /// @throws IOException when the blob store or the database does not answer
  Saved save() throws IOException {
    if (Files.notExists(directory.path(), LinkOption.NOFOLLOW_LINKS)) {
      return Saved.NOTHING; // The session was deleted meanwhile, or somebody removed it.
    }
    LocalIndex index = LocalIndex.read(directory.service());
    long takenNs = TimeUnit.MILLISECONDS.toNanos(parts.clock().millis());
    Tree tree = Tree.of(directory, parts.limits(), stopped);
    tree.troubles().forEach(trouble -> LOG.warnf("not saved session_id=%s: %s", session, trouble));
    Changes changes = Changes.between(index, tree.stamps(), tree.closed());
    if (changes.isEmpty()) {
      return Saved.NOTHING;
    }
    Optional<Heads.Head> head = parts.heads().find(session);
    if (!index.isUpTo(head)) {
      throw new SaveRefusedException("the directory is older than the newest one");
    }
    Plan plan = plan(index, tree, changes, head);
    try (FileChannel pack = passingFile()) {
      PackWriter.Written written = write(pack, plan);
      if (!written.missed().isEmpty() && plan.replaces()) {
        plan = new Plan(plan.manifest(), changes, index, plan.manifest().number() + 1, false);
        pack.truncate(0);
        written = write(pack, plan);
      }
      commit(plan, head, pack, written, takenNs);
      return new Saved(true, plan.changes().changed().size(), written.bytes());
    }
  }

  /// What a save writes.
  ///
  /// @param manifest the one before
  /// @param from packs from this number on go
  /// @param replaces whether some do
  private record Plan(
      Manifest manifest, Changes changes, LocalIndex index, long from, boolean replaces) {}

  private Plan plan(LocalIndex index, Tree tree, Changes changes, Optional<Heads.Head> head)
      throws IOException {
    if (head.isEmpty() || !head.get().key().equals(index.key())) {
      // Nothing is known of what the newest one has: all is written.
      Changes all = Changes.between(LocalIndex.none(), tree.stamps(), tree.closed());
      Manifest old = head.isPresent() ? manifest(head.get()) : Manifest.none();
      return new Plan(old, all, LocalIndex.none(), 0, false);
    }
    Manifest before = manifest(head.get());
    long next = before.number() + 1;
    long bytes = changes.changed().values().stream().mapToLong(SessionSave::cost).sum();
    long alive = tree.bytes() + tree.stamps().size() * SaveLimits.ENTRY_BYTES;
    boolean garbage =
        before.bytes() + bytes > SaveLimits.GARBAGE_FACTOR * (alive + SaveLimits.SMALL_PACK_BYTES);
    long from = garbage ? 0 : before.mergedFrom(next, bytes);
    boolean replaces = from < next;
    return new Plan(
        before,
        replaces ? changes.with(index, tree.stamps(), from) : changes,
        index,
        from,
        replaces);
  }

  private static long cost(Stamp stamp) {
    return stamp.sizeBytes() + SaveLimits.ENTRY_BYTES;
  }

  Manifest manifest(Heads.Head head) throws IOException {
    Manifest manifest = Json.read(parts.blobs().get(head.key()), Manifest.class);
    if (manifest.version() != Manifest.VERSION) {
      throw new SaveRefusedException("it has the unknown version " + manifest.version());
    }
    return manifest;
  }

  /// A file without a name: whatever happens, it is gone when it is closed.
  private FileChannel passingFile() throws IOException {
    Path file = Files.createTempFile(parts.root(), ".saving-", ".pack");
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Files.delete(file);
    return channel;
  }

  private PackWriter.Written write(FileChannel pack, Plan plan) throws IOException {
    return PackWriter.write(
        directory,
        plan.changes().gone(),
        plan.changes().changed(),
        Channels.newOutputStream(pack),
        stopped);
  }

  private void commit(
      Plan plan,
      Optional<Heads.Head> head,
      FileChannel pack,
      PackWriter.Written written,
      long takenNs)
      throws IOException {
    long number = plan.manifest().number() + 1;
    String prefix = prefix(session, Generation.read(directory.service()));
    String packKey = prefix + "/" + Ids.random("pack_");
    Heads.Head next =
        new Heads.Head(number, prefix + "/manifest-" + number + "-" + Ids.random("m_"));
    List<Manifest.Pack> packs = new ArrayList<>();
    List<String> obsolete = new ArrayList<>();
    plan.manifest()
        .packs()
        .forEach(known -> {
          if (known.number() < plan.from()) {
            packs.add(known);
          } else {
            obsolete.add(known.key());
          }
        });
    packs.add(new Manifest.Pack(number, packKey, written.bytes(), written.ignored()));
    boolean current = false;
    try {
      pack.position(0);
      long _ = parts.blobs().put(packKey, Channels.newInputStream(pack));
      parts
          .blobs()
          .put(next.key(), Json.bytes(new Manifest(Manifest.VERSION, number, List.copyOf(packs))));
      LocalIndex before = plan.from() <= 1 ? LocalIndex.none() : plan.index();
      plan.changes()
          .applied(before, written.missed(), number, takenNs)
          .named(next.key(), head)
          .write(directory.service());
      current = parts.heads().advance(session, head, next);
    } finally {
      // After an error it is not known whether it is the newest: then nothing is removed.
      if (current) {
        head.map(Heads.Head::key).ifPresent(obsolete::add);
        obsolete.forEach(this::removeBlob);
      }
    }
    if (!current) {
      removeBlob(packKey);
      removeBlob(next.key());
      throw new SaveRefusedException("another instance of the service continued the session");
    }
  }

  /// What stays goes with the session.
  private void removeBlob(String key) {
    try {
      parts.blobs().delete(key);
    } catch (IOException e) {
      LOG.debugf("an old blob was not removed key=%s: %s", key, e);
    }
  }

  /// Whether the directory is as new as the newest save point.
  ///
  /// @throws IOException when the database does not answer
  boolean isCurrent() throws IOException {
    Optional<Heads.Head> head = parts.heads().find(session);
    boolean whole =
        directory.agentParts().stream()
            .allMatch(part -> Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS));
    return head.isEmpty() || whole && LocalIndex.readKeys(directory.service()).isUpTo(head);
  }

  /// Makes the directory what the newest save point says. A crash in between leaves one that is
  /// known to be old.
  ///
  /// @param owner who gets what belongs to the agent
  /// @return how many files, directories and symlinks came back
  int restore(OptionalInt owner) throws IOException {
    Heads.Head head =
        parts
            .heads()
            .find(session)
            .orElseThrow(() -> new SaveRefusedException("it was removed meanwhile"));
    Manifest manifest = manifest(head);
    Files.createDirectories(directory.service());
    SessionDirectory staging = new SessionDirectory(directory.service().resolve("restoring"));
    Trees.remove(staging.path());
    for (Path part : staging.agentParts()) {
      Files.createDirectories(part);
    }
    PackReader reader = new PackReader(staging.path(), parts.limits());
    for (Manifest.Pack pack : manifest.packs()) {
      try (InputStream in = parts.blobs().open(pack.key())) {
        reader.lay(pack, in);
      }
    }
    reader.finish();
    if (owner.isPresent()) {
      for (Path part : staging.agentParts()) {
        SessionDirectory.give(part, owner.getAsInt());
      }
    }
    LocalIndex index = index(staging, reader.numbers()).named(head.key(), Optional.of(head));
    LocalIndex.remove(directory.service());
    for (Path part : staging.agentParts()) {
      Path place = directory.path().resolve(part.getFileName());
      Trees.remove(place);
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwx------"));
      Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
    }
    index.write(directory.service());
    Trees.remove(staging.path());
    return index.entries().size();
  }

  private LocalIndex index(SessionDirectory staging, Map<String, Long> numbers) throws IOException {
    Tree tree = Tree.of(staging, parts.limits(), stopped);
    Map<String, LocalIndex.Entry> entries = new HashMap<>();
    tree.stamps()
        .forEach((path, stamp) ->
            entries.put(path, new LocalIndex.Entry(stamp, numbers.getOrDefault(path, 0L), true)));
    return new LocalIndex("", "", entries, Map.of());
  }
}
