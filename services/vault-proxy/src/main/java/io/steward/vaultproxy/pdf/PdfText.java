package io.steward.vaultproxy.pdf;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// What was read from a document.
///
/// @param title empty when it has none
/// @param utf8 the text
/// @param truncated whether there is more in the document
@SuppressWarnings("ArrayRecordComponent") // It is written and read, never compared.
public record PdfText(String title, byte[] utf8, boolean truncated) {
  private static final int TITLE_CHARS_MAX = 500;

  public String text() {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  void writeTo(DataOutputStream out) throws IOException {
    out.writeUTF(title.substring(0, Math.min(title.length(), TITLE_CHARS_MAX)));
    out.writeBoolean(truncated);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  /// @param bytesMax of the text; more means that it was not written by [PdfProgram]
  public static PdfText readFrom(DataInputStream in, int bytesMax) throws IOException {
    String title = in.readUTF();
    boolean truncated = in.readBoolean();
    int length = in.readInt();
    if (length < 0 || length > bytesMax) {
      throw new IOException("a text of " + length + " bytes");
    }
    byte[] utf8 = new byte[length];
    in.readFully(utf8);
    return new PdfText(title, utf8, truncated);
  }
}
