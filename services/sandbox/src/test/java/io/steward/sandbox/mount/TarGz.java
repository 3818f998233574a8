package io.steward.sandbox.mount;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// Writes archives, also such that no honest program would.
public final class TarGz {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar;

  public TarGz() {
    try {
      tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes), "UTF-8");
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public TarGz file(String path, String content) {
    return file(path, content, 0644);
  }

  public TarGz file(String path, String content, int mode) {
    TarArchiveEntry entry = new TarArchiveEntry(path, true);
    entry.setMode(mode);
    return add(entry, content);
  }

  public TarGz directory(String path) {
    return add(new TarArchiveEntry(path + "/", true), "");
  }

  public TarGz symlink(String path, String target) {
    return link(path, target, TarConstants.LF_SYMLINK);
  }

  TarGz hardLink(String path, String target) {
    return link(path, target, TarConstants.LF_LINK);
  }

  TarGz fifo(String path) {
    return add(new TarArchiveEntry(path, TarConstants.LF_FIFO), "");
  }

  private TarGz link(String path, String target, byte kind) {
    TarArchiveEntry entry = new TarArchiveEntry(path, kind, true);
    entry.setLinkName(target);
    return add(entry, "");
  }

  private TarGz add(TarArchiveEntry entry, String content) {
    byte[] body = content.getBytes(StandardCharsets.UTF_8);
    try {
      entry.setSize(body.length);
      tar.putArchiveEntry(entry);
      tar.write(body);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  public byte[] bytes() {
    try {
      tar.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
