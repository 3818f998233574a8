package io.steward.vaultproxy.clone;

import io.steward.vaultproxy.clone.CloneFailure.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefWriter;
import org.eclipse.jgit.lib.Repository;

/// A gzipped tar of a clone, as `git clone` would leave it: `.git` first, then the files. Owners
/// are 0, links stay links, a submodule is an empty directory. Of `.git` only what is named here is
/// written, each text anew, so nothing of how it was fetched can be in it.
final class Archive implements AutoCloseable {
  private static final int FILE = 0100644;
  private static final int PROGRAM = 0100755;
  private static final int DIRECTORY = 040755;
  private static final int LINK = 0120777;
  private static final int LINK_BYTES_MAX = 4096;

  private final Repository repository;
  private final TarArchiveOutputStream tar;
  private final long seconds;

  /// @param out is closed with the archive
  /// @param seconds the time of all files, since 1970
  Archive(Repository repository, OutputStream out, long seconds) throws IOException {
    this.repository = repository;
    this.seconds = seconds;
    GzipParameters parameters = new GzipParameters();
    parameters.setCompressionLevel(Deflater.BEST_SPEED); // Packs are compressed already.
    this.tar =
        new TarArchiveOutputStream(
            new GzipCompressorOutputStream(out, parameters), StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  /// Writes `.git`.
  ///
  /// @param index whether an index was made
  void writeRepository(Head head, String url, boolean index) throws IOException {
    for (String name : List.of("", "objects/", "objects/info/", "objects/pack/", "refs/heads/")) {
      directory(".git/" + name);
    }
    directory(".git/refs/tags/");
    text(".git/HEAD", head.text());
    text(".git/config", config(head, url));
    writeReferences(head);
    Path git = repository.getDirectory().toPath();
    try (Stream<Path> files = Files.walk(git.resolve("objects"))) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        copy(".git/" + git.relativize(file), file);
      }
    }
    if (index) {
      copy(".git/index", repository.getIndexFile().toPath());
    }
  }

  private static String config(Head head, String url) {
    Config config = new Config();
    config.setInt("core", null, "repositoryformatversion", 0);
    config.setBoolean("core", null, "filemode", true);
    config.setBoolean("core", null, "bare", false);
    config.setBoolean("core", null, "logallrefupdates", true);
    config.setString("remote", "origin", "url", url);
    config.setString("remote", "origin", "fetch", "+refs/heads/*:" + Fetch.ORIGIN_BRANCHES + "*");
    if (head.branch() != null) {
      config.setString("branch", head.branch(), "remote", "origin");
      config.setString("branch", head.branch(), "merge", Constants.R_HEADS + head.branch());
    }
    return config.toText();
  }

  private void writeReferences(Head head) throws IOException {
    List<Ref> references = new ArrayList<>();
    for (Ref reference : repository.getRefDatabase().getRefs()) {
      boolean kept =
          reference.getName().startsWith(Fetch.ORIGIN_BRANCHES)
              || reference.getName().startsWith(Constants.R_TAGS);
      if (kept && !reference.isSymbolic()) {
        references.add(repository.getRefDatabase().peel(reference));
      }
    }
    new RefWriter(references) {
      @Override
      protected void writeFile(String name, byte[] content) throws IOException {
        bytes(".git/" + name, content);
      }
    }.writePackedRefs();
    if (head.branch() != null && head.commit() != null) {
      text(".git/" + Constants.R_HEADS + head.branch(), ObjectId.toString(head.commit()) + "\n");
    }
  }

  /// Writes the files of the index.
  void writeFiles(DirCache index) throws IOException {
    try (ObjectReader reader = repository.newObjectReader()) {
      for (int i = 0; i < index.getEntryCount(); i++) {
        writeFile(index.getEntry(i), reader);
      }
    }
  }

  private void writeFile(DirCacheEntry file, ObjectReader reader) throws IOException {
    String path = file.getPathString();
    FileMode mode = file.getFileMode();
    if (FileMode.GITLINK.equals(mode)) {
      directory(path + "/");
      return;
    }
    ObjectLoader content = reader.open(file.getObjectId(), Constants.OBJ_BLOB);
    if (FileMode.SYMLINK.equals(mode)) {
      link(path, content);
      return;
    }
    start(path, FileMode.EXECUTABLE_FILE.equals(mode) ? PROGRAM : FILE, content.getSize());
    content.copyTo(tar);
    tar.closeArchiveEntry();
  }

  private void link(String path, ObjectLoader content) throws IOException {
    if (content.getSize() > LINK_BYTES_MAX) {
      throw new CloneFailure(
          Reason.CLONE,
          "The link " + path + " is longer than the limit of " + LINK_BYTES_MAX + " bytes.");
    }
    TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
    entry.setLinkName(new String(content.getBytes(), StandardCharsets.UTF_8));
    put(entry, LINK);
    tar.closeArchiveEntry();
  }

  private void directory(String path) throws IOException {
    put(new TarArchiveEntry(path), DIRECTORY);
    tar.closeArchiveEntry();
  }

  private void text(String path, String text) throws IOException {
    bytes(path, text.getBytes(StandardCharsets.UTF_8));
  }

  private void bytes(String path, byte[] content) throws IOException {
    start(path, FILE, content.length);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private void copy(String path, Path file) throws IOException {
    start(path, FILE, Files.size(file));
    Files.copy(file, tar);
    tar.closeArchiveEntry();
  }

  private void start(String path, int mode, long size) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(path);
    entry.setSize(size);
    put(entry, mode);
  }

  private void put(TarArchiveEntry entry, int mode) throws IOException {
    entry.setMode(mode);
    entry.setIds(0, 0);
    entry.setModTime(seconds * 1000);
    tar.putArchiveEntry(entry);
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
