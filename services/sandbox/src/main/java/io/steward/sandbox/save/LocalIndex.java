package io.steward.sandbox.save;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/// What of a session directory is in which save point, in a file that no sandbox sees. It is
/// written before a save point becomes the newest, and says on which one it is built: so after a
/// crash in between the directory is known to be no older than the newest.
///
/// @param key of the manifest of the save point; empty before the first
/// @param basedOn key of the one before
/// @param entries what there was, by path
/// @param gone paths that an earlier save point has, with the number of the one that removed them
record LocalIndex(String key, String basedOn, Map<String, Entry> entries, Map<String, Long> gone) {
  private static final Logger LOG = Logger.getLogger(LocalIndex.class);
  private static final int VERSION = 1;
  private static final String FILE = "save-point.index";

  /// @param number of the save point that has it
  /// @param settled whether a later change would have another stamp: file systems tell times in
  ///   steps of some milliseconds
  record Entry(Stamp stamp, long number, boolean settled) {}

  static LocalIndex none() {
    return new LocalIndex("", "", Map.of(), Map.of());
  }

  /// Whether the directory is as new as `head`: it is the one it was saved to, or the one it is
  /// built on.
  boolean isUpTo(Optional<Heads.Head> head) {
    return head.isEmpty() || head.get().key().equals(key) || head.get().key().equals(basedOn);
  }

  LocalIndex named(String manifestKey, Optional<Heads.Head> built) {
    return new LocalIndex(manifestKey, built.map(Heads.Head::key).orElse(""), entries, gone);
  }

  /// The index in `directory`, without content when there is none that can be read.
  static LocalIndex read(Path directory) {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(directory.resolve(FILE)), 1 << 16))) {
      if (in.readInt() != VERSION) {
        return none();
      }
      String key = in.readUTF();
      String basedOn = in.readUTF();
      int count = in.readInt();
      Map<String, Entry> entries = HashMap.newHashMap(count);
      for (int i = 0; i < count; i++) {
        entries.put(
            in.readUTF(),
            new Entry(
                new Stamp(in.readInt(), in.readLong(), in.readLong(), in.readLong(), in.readLong()),
                in.readLong(),
                in.readBoolean()));
      }
      int removed = in.readInt();
      Map<String, Long> gone = HashMap.newHashMap(removed);
      for (int i = 0; i < removed; i++) {
        gone.put(in.readUTF(), in.readLong());
      }
      return new LocalIndex(key, basedOn, entries, gone);
    } catch (NoSuchFileException e) {
      return none();
    } catch (IOException e) {
      LOG.warnf("the index of a save point is damaged file=%s: %s", directory, e.getMessage());
      return none();
    }
  }

  /// Only the keys of the index in `directory`.
  static LocalIndex readKeys(Path directory) {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(directory.resolve(FILE))))) {
      return in.readInt() == VERSION
          ? new LocalIndex(in.readUTF(), in.readUTF(), Map.of(), Map.of())
          : none();
    } catch (IOException e) {
      return none(); // There is none, or it is damaged: either way it is known to be old.
    }
  }

  void write(Path directory) throws IOException {
    Path fresh = directory.resolve(FILE + ".new");
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(fresh), 1 << 16))) {
      out.writeInt(VERSION);
      out.writeUTF(key);
      out.writeUTF(basedOn);
      out.writeInt(entries.size());
      for (Map.Entry<String, Entry> entry : entries.entrySet()) {
        Stamp stamp = entry.getValue().stamp();
        out.writeUTF(entry.getKey());
        out.writeInt(stamp.mode());
        out.writeLong(stamp.inode());
        out.writeLong(stamp.sizeBytes());
        out.writeLong(stamp.modifiedNs());
        out.writeLong(stamp.changedNs());
        out.writeLong(entry.getValue().number());
        out.writeBoolean(entry.getValue().settled());
      }
      out.writeInt(gone.size());
      for (Map.Entry<String, Long> path : gone.entrySet()) {
        out.writeUTF(path.getKey());
        out.writeLong(path.getValue());
      }
    }
    Files.move(fresh, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  static void remove(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(FILE));
  }
}
