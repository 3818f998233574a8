package io.steward.sandbox.save;

import io.steward.sandbox.driver.FileNames;
import io.steward.sandbox.driver.PinnedPath;
import io.steward.sandbox.driver.SessionDirectory;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorOutputStream;

/// Writes a pack: a tar, compressed with Zstandard, whose names are bytes. First what is gone, as
/// empty entries below `gone/`; then what is there, below `tree/`, directories before what is in
/// them.
///
/// Files may change while they are read. An entry whose file did is in the archive, because its
/// head was written before, and its position is told, so that nobody uses it.
final class PackWriter {
  static final String GONE = "gone/";
  static final String TREE = "tree/";
  static final String NAMES = StandardCharsets.ISO_8859_1.name();
  private static final int LEVEL = 1;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final SessionDirectory session;
  private final BooleanSupplier stopped;
  private final TarArchiveOutputStream tar;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final List<Integer> ignored = new ArrayList<>();
  private final Set<String> missed = new HashSet<>();
  private int entries;
  private long bytes;

  /// What was written.
  ///
  /// @param bytes before compression
  /// @param ignored positions of entries that nobody may use
  /// @param missed paths that were wanted and are not in it
  record Written(long bytes, List<Integer> ignored, Set<String> missed) {}

  private PackWriter(SessionDirectory session, OutputStream out, BooleanSupplier stopped)
      throws IOException {
    this.session = session;
    this.stopped = stopped;
    this.tar =
        new TarArchiveOutputStream(
            new ZstdCompressorOutputStream(new BufferedOutputStream(out, BUFFER_BYTES), LEVEL),
            NAMES);
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
  }

  /// @param gone paths that older packs have and that are no more
  /// @param taken what to write, a directory before what is in it
  /// @param out stays open
  static Written write(
      SessionDirectory session,
      Iterable<String> gone,
      Map<String, Stamp> taken,
      OutputStream out,
      BooleanSupplier stopped)
      throws IOException {
    PackWriter writer = new PackWriter(session, new KeptOpen(out), stopped);
    for (String path : gone) {
      writer.put(new TarArchiveEntry(GONE + path, TarConstants.LF_NORMAL));
      writer.tar.closeArchiveEntry();
    }
    for (Map.Entry<String, Stamp> entry : taken.entrySet()) {
      if (!writer.take(entry.getKey(), entry.getValue())) {
        writer.missed.add(entry.getKey());
      }
    }
    writer.tar.close();
    return new Written(writer.bytes, List.copyOf(writer.ignored), Set.copyOf(writer.missed));
  }

  private static final class KeptOpen extends FilterOutputStream {
    KeptOpen(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  private void put(TarArchiveEntry entry) throws IOException {
    tar.putArchiveEntry(entry);
    entries++;
    bytes += SaveLimits.ENTRY_BYTES;
  }

  private boolean take(String path, Stamp stamp) throws IOException {
    if (stopped.getAsBoolean()) {
      throw new SaveRefusedException("it took too long or is not wanted any more");
    }
    if (stamp.isDirectory()) {
      TarArchiveEntry entry = new TarArchiveEntry(TREE + path + "/", TarConstants.LF_DIR);
      entry.setMode(stamp.permissions());
      put(entry);
      tar.closeArchiveEntry();
      return true;
    }
    return stamp.isLink() ? takeLink(path) : takeFile(path);
  }

  private boolean takeLink(String path) throws IOException {
    int slash = path.lastIndexOf('/');
    Optional<PinnedPath> parent = Tree.open(session, path.substring(0, slash));
    if (parent.isEmpty()) {
      return false;
    }
    Path text;
    try (PinnedPath directory = parent.get()) {
      text =
          Files.readSymbolicLink(FileNames.belowRaw(directory.path(), path.substring(slash + 1)));
    } catch (FileSystemException e) {
      return false; // It is something else now.
    }
    TarArchiveEntry entry = new TarArchiveEntry(TREE + path, TarConstants.LF_SYMLINK);
    entry.setLinkName(FileNames.raw(text));
    put(entry);
    tar.closeArchiveEntry();
    return true;
  }

  private boolean takeFile(String path) throws IOException {
    Optional<PinnedPath> opened = Tree.open(session, path);
    if (opened.isEmpty()) {
      return false; // It is gone, or this user may not read it.
    }
    try (PinnedPath file = opened.get()) {
      Optional<Stamp> stamp = Stamp.look(file.path()).filter(Stamp::isFile);
      if (stamp.isEmpty()) {
        return false;
      }
      try (InputStream in = Files.newInputStream(file.path())) {
        return copy(path, file, stamp.get(), in);
      }
    } catch (FileSystemException e) {
      return false;
    }
  }

  private boolean copy(String path, PinnedPath file, Stamp stamp, InputStream in)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(TREE + path, TarConstants.LF_NORMAL);
    entry.setMode(stamp.permissions());
    entry.setSize(stamp.sizeBytes());
    entry.setLastModifiedTime(FileTime.from(stamp.modifiedNs(), TimeUnit.NANOSECONDS));
    int position = entries;
    put(entry);
    long left = stamp.sizeBytes();
    bytes += left;
    boolean whole = true;
    while (left > 0) {
      if (stopped.getAsBoolean()) {
        throw new SaveRefusedException("it took too long or is not wanted any more");
      }
      int wanted = (int) Math.min(left, buffer.length);
      int read = whole ? readOrNothing(in, wanted) : 0;
      if (read <= 0) {
        whole = false;
        Arrays.fill(buffer, 0, wanted, (byte) 0);
        read = wanted;
      }
      tar.write(buffer, 0, read);
      left -= read;
    }
    tar.closeArchiveEntry();
    whole = whole && Stamp.look(file.path()).filter(stamp::equals).isPresent();
    if (!whole) {
      ignored.add(position);
    }
    return whole;
  }

  /// A file that cannot be read to its end is one that changed: the archive must go on.
  private int readOrNothing(InputStream in, int wanted) {
    try {
      return in.read(buffer, 0, wanted);
    } catch (IOException e) {
      return -1;
    }
  }
}
