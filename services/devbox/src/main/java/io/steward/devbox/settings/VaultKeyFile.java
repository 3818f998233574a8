package io.steward.devbox.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/// The file with the key-encryption keys of vault-proxy, one on each line, mode 0600. The first
/// encrypts, the others only decrypt. It is always whole: a change is another file that takes its
/// place, after its bytes are safe on the disk. One process at a time may change it.
public final class VaultKeyFile implements AutoCloseable {
  private static final int KEY_BYTES = 32;

  private final Path file;
  private final FileChannel lock;

  private VaultKeyFile(Path file, FileChannel lock) {
    this.file = file;
    this.lock = lock;
  }

  /// Takes the file, so that nobody else changes it until this is closed.
  ///
  /// @throws StartRefused when somebody else has it
  public static VaultKeyFile hold(Path file) throws StartRefused, IOException {
    FileChannel lock =
        FileChannel.open(
            file.resolveSibling("." + file.getFileName() + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    if (!isLocked(lock)) {
      lock.close();
      throw new StartRefused("The keys in " + file + " are being exchanged already.");
    }
    return new VaultKeyFile(file, lock);
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // Held by this very process.
    }
  }

  /// A fresh key as it stands on a line.
  static String freshKey() {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }

  /// The lines with keys.
  private List<String> keys() throws IOException {
    return Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  public boolean hasOlderKeys() throws IOException {
    return keys().size() > 1;
  }

  /// Puts a fresh key before those that are there.
  public void addKey() throws IOException {
    List<String> keys = new ArrayList<>(keys());
    keys.addFirst(freshKey());
    write(keys);
  }

  /// Removes all keys but the first.
  public void removeOlderKeys() throws IOException {
    write(List.of(keys().getFirst()));
  }

  /// The hash of the whole content, in hexadecimal digits. It says nothing about the keys.
  public String sha256() throws IOException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(List<String> keys) throws IOException {
    Path draft = file.resolveSibling("." + file.getFileName());
    Files.deleteIfExists(draft);
    Files.createFile(
        draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel out = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      ByteBuffer text =
          ByteBuffer.wrap((String.join("\n", keys) + "\n").getBytes(StandardCharsets.ISO_8859_1));
      while (text.hasRemaining()) {
        out.write(text);
      }
      out.force(true);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
