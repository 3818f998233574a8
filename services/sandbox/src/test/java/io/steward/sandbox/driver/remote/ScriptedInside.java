package io.steward.sandbox.driver.remote;

import io.steward.sandbox.shim.Connection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalInt;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// An inside that says what a test wants, to whatever it is asked.
final class ScriptedInside implements Connection {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

  /// Tells of a file; `/` stands for the workspace.
  ScriptedInside file(char type, int bytes, String path, String target) {
    return raw("%c 644 %d 1700000000.5 1700000000.5 %s\0%s\0".formatted(type, bytes, path, target));
  }

  ScriptedInside raw(String text) {
    said.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  ScriptedInside end() {
    return raw("end\0\0");
  }

  /// Sends an archive with one entry.
  ScriptedInside tar(String name, byte flag, String content) throws IOException {
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(said, "ISO-8859-1")) {
      TarArchiveEntry entry = new TarArchiveEntry(name, flag, true);
      boolean file = flag == TarConstants.LF_NORMAL;
      entry.setSize(file ? content.length() : 0);
      if (!file) {
        entry.setLinkName(content);
      }
      tar.putArchiveEntry(entry);
      if (file) {
        tar.write(content.getBytes(StandardCharsets.ISO_8859_1));
      }
      tar.closeArchiveEntry();
    }
    return this;
  }

  /// What it was sent.
  String heard() {
    return heard.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public OutputStream orders() {
    return heard;
  }

  @Override
  public InputStream frames() {
    return new ByteArrayInputStream(said.toByteArray());
  }

  @Override
  public InputStream output() {
    return InputStream.nullInputStream();
  }

  @Override
  public boolean isAlive() {
    return false;
  }

  @Override
  public OptionalInt exitCode() {
    return OptionalInt.of(0);
  }

  @Override
  public boolean awaitEnd(Duration longest) {
    return true;
  }

  @Override
  public void kill() {
    // It is over.
  }
}
