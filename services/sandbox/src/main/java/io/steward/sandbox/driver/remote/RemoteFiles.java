package io.steward.sandbox.driver.remote;

import io.steward.sandbox.shim.Connection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// How files go between here and the script `files`.
final class RemoteFiles {
  /// Names of files are bytes.
  private static final String BYTES = StandardCharsets.ISO_8859_1.name();

  private static final int PIECE_BYTES = 256 * 1024;

  private RemoteFiles() {}

  /// Takes a file that arrived whole, with its content in the temporary file.
  @FunctionalInterface
  interface Taker {
    void take(String path, RemoteFile file) throws IOException;
  }

  /// Ends a connection when its time is over, or when this is closed.
  record Watch(Connection connection) implements AutoCloseable {
    Watch(Connection connection, Duration longest) {
      this(connection);
      var _ =
          Thread.ofVirtual()
              .name("files")
              .start(() -> {
                if (!connection.awaitEnd(longest)) {
                  connection.kill();
                }
              });
    }

    @Override
    public void close() {
      connection.kill();
    }
  }

  static List<String> command(String mode, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("env", "SHIM=1", "bash", "--noprofile"));
    command.addAll(List.of("--norc", "-c", RemoteShim.script("remote/files"), "files", mode));
    command.addAll(arguments);
    return command;
  }

  static void sendPaths(OutputStream out, Collection<String> paths) throws IOException {
    long length = paths.stream().mapToLong(path -> path.length() + 1L).sum();
    StringBuilder text = new StringBuilder(length + "\n");
    for (String path : paths) {
      text.append(path).append('\0');
      if (text.length() > PIECE_BYTES) {
        out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
        text.setLength(0);
      }
    }
    out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /// Sends what `paths` name, parents before what is in them.
  static void sendTar(
      OutputStream out, Collection<String> paths, Map<String, RemoteFile> files, LocalFiles local)
      throws IOException {
    try (Pieces pieces = new Pieces(out);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(pieces, BYTES)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      for (String path : paths) {
        RemoteFile file = files.get(path);
        if (file != null) {
          send(tar, path, file, local);
        }
      }
    }
  }

  private static void send(
      TarArchiveOutputStream tar, String path, RemoteFile file, LocalFiles local)
      throws IOException {
    byte flag =
        switch (file.type()) {
          case 'd' -> TarConstants.LF_DIR;
          case 'l' -> TarConstants.LF_SYMLINK;
          default -> TarConstants.LF_NORMAL;
        };
    TarArchiveEntry entry = new TarArchiveEntry(file.isDirectory() ? path + "/" : path, flag, true);
    entry.setMode(file.mode());
    entry.setLastModifiedTime(FileTime.from(file.mtimeNanos(), TimeUnit.NANOSECONDS));
    if (file.type() == 'l') {
      entry.setLinkName(file.target());
    }
    entry.setSize(file.bytes());
    tar.putArchiveEntry(entry);
    if (file.isFile()) {
      try (InputStream content = Files.newInputStream(local.locate(path))) {
        content.transferTo(tar);
      }
    }
    tar.closeArchiveEntry();
  }

  /// An archive of unknown length, cut into pieces that say theirs.
  private static final class Pieces extends OutputStream {
    private final OutputStream out;
    private final byte[] piece = new byte[PIECE_BYTES];
    private int length;
    private boolean closed;

    Pieces(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      int at = offset;
      int left = count;
      while (left > 0) {
        int taken = Math.min(left, piece.length - length);
        System.arraycopy(bytes, at, piece, length, taken);
        length += taken;
        at += taken;
        left -= taken;
        if (length == piece.length) {
          send();
        }
      }
    }

    private void send() throws IOException {
      out.write((length + "\n").getBytes(StandardCharsets.US_ASCII));
      out.write(piece, 0, length);
      length = 0;
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      if (length > 0) {
        send();
      }
      send(); // An empty one ends the archive.
      out.flush();
    }
  }

  /// Takes files that were asked for from an archive of the inside, which is not trusted: each at
  /// most once, regular, and of the size it was listed with.
  ///
  /// @throws IOException when it breaks a rule or ends early; files that were taken stay taken
  static void takeTar(InputStream in, Map<String, RemoteFile> wanted, Path temporary, Taker taker)
      throws IOException {
    Map<String, RemoteFile> left = new HashMap<>(wanted);
    try (TarArchiveInputStream tar = new TarArchiveInputStream(in, BYTES)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String path = absolute(entry.getName());
        RemoteFile file = left.remove(path);
        byte flag = entry.getLinkFlag();
        if (file == null || flag != TarConstants.LF_NORMAL && flag != TarConstants.LF_OLDNORM) {
          throw new IOException("the inside sent something that was not asked for");
        }
        if (entry.getSize() != file.bytes()) {
          continue; // It changed meanwhile. Skipping it takes time at most.
        }
        try (OutputStream out =
            Files.newOutputStream(
                temporary,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
          tar.transferTo(out);
        }
        taker.take(path, file);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("the inside sent an archive that cannot be read", e);
    }
  }

  /// The library takes the slash from the front of names that are too long for the usual header.
  private static String absolute(String name) {
    return name.startsWith("/") ? name : "/" + name;
  }
}
