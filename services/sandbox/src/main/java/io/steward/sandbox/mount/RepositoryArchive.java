package io.steward.sandbox.mount;

import io.steward.sandbox.driver.FileNames;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/// Unpacks a gzipped tar into a directory that nobody else sees. Symlinks are made last, so that no
/// entry is ever written through one. Hard links and special files have no place in a repository.
final class RepositoryArchive {
  private static final int DEPTH_MAX = 256;
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int OWNER_EXECUTES = 0100;

  private final Path target;
  private final Mounts.Limits limits;
  private final BooleanSupplier canceled;
  private final List<Link> links = new ArrayList<>();
  private long bytes;
  private long entries;

  private record Link(Path path, String target) {}

  /// @param target an empty directory
  RepositoryArchive(Path target, Mounts.Limits limits, BooleanSupplier canceled) {
    this.target = target;
    this.limits = limits;
    this.canceled = canceled;
  }

  /// @throws UnmountableException when the archive breaks a rule
  void unpack(InputStream archive) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new GzipCompressorInputStream(new BufferedInputStream(archive), true), "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        check();
        unpack(tar, entry);
      }
      for (Link link : links) {
        check();
        Files.createSymbolicLink(link.path(), linkTarget(link.target()));
      }
    } catch (FileAlreadyExistsException e) {
      throw new UnmountableException("its archive names one path twice");
    } catch (IllegalArgumentException e) {
      throw new UnmountableException("its archive cannot be read");
    }
  }

  private void check() throws UnmountableException {
    if (canceled.getAsBoolean()) {
      throw new UnmountableException("the call was canceled");
    }
  }

  private void unpack(TarArchiveInputStream tar, TarArchiveEntry entry) throws IOException {
    if (++entries > limits.filesMax()) {
      throw new UnmountableException("it has more than " + limits.filesMax() + " files");
    }
    List<String> names = names(entry.getName());
    if (names.isEmpty()) {
      return;
    }
    Path directory = target;
    int parents = entry.isDirectory() ? names.size() : names.size() - 1;
    for (String name : names.subList(0, parents)) {
      directory = FileNames.below(directory, name);
      makeDirectory(directory);
    }
    if (entry.isDirectory()) {
      return;
    }
    Path path = FileNames.below(directory, names.getLast());
    switch (entry.getLinkFlag()) {
      case TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM, TarConstants.LF_CONTIG ->
          write(tar, entry, path);
      case TarConstants.LF_SYMLINK -> links.add(new Link(path, entry.getLinkName()));
      default ->
          throw new UnmountableException(
              "its archive holds something that is no file, directory or symlink");
    }
  }

  private static List<String> names(String path) throws UnmountableException {
    if (path.startsWith("/")) {
      throw new UnmountableException("its archive holds an absolute path");
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..") || name.indexOf('\0') >= 0) {
        throw new UnmountableException("its archive holds a path that leads out of it");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    if (names.size() > DEPTH_MAX) {
      throw new UnmountableException("its archive is deeper than " + DEPTH_MAX + " directories");
    }
    return names;
  }

  private static void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory);
      mode(directory, "rwxr-xr-x");
    }
  }

  private void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path path)
      throws IOException {
    try (OutputStream out =
        Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int length = tar.read(chunk); length >= 0; length = tar.read(chunk)) {
        check();
        bytes += length;
        if (bytes > limits.bytesMax()) {
          throw new UnmountableException(
              "it is larger than the " + limits.bytesMax() + " bytes a session may keep");
        }
        out.write(chunk, 0, length);
      }
    }
    mode(path, (entry.getMode() & OWNER_EXECUTES) == 0 ? "rw-r--r--" : "rwxr-xr-x");
    Files.setLastModifiedTime(path, entry.getLastModifiedTime());
  }

  /// The text of a symlink as a path; it leads wherever it wants, nobody here follows it.
  private static Path linkTarget(String text) {
    Path path = Path.of(text.startsWith("/") ? "/" : "");
    for (String name : text.split("/")) {
      if (name.equals(".") || name.equals("..")) {
        path = path.resolve(name);
      } else if (!name.isEmpty()) {
        path = FileNames.below(path, name);
      }
    }
    if (path.toString().isEmpty()) {
      throw new InvalidPathException(text, "an empty symlink");
    }
    return path;
  }

  private static void mode(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }
}
