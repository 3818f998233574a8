package io.steward.vaultproxy.pdf;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.io.MemoryUsageSetting;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;

/// The main class of the process that reads a PDF.
///
/// Standard input is how many bytes the document has (four bytes), the document, and then the life
/// line: when it ends, so does the process. Standard output is a [PdfText]. The exit code is 0 for
/// success, [#UNREADABLE], [#LOCKED], or what Java ends with when memory runs out.
public final class PdfProgram {
  public static final int UNREADABLE = 10;
  public static final int LOCKED = 11;

  private static final long CACHE_BYTES_MAX = 64L << 20;

  private PdfProgram() {}

  /// @param args pages and characters that are read at most
  public static void main(String[] args) throws IOException {
    DataInputStream in = new DataInputStream(new FileInputStream(FileDescriptor.in));
    byte[] document = new byte[in.readInt()];
    in.readFully(document);
    Thread.ofPlatform().daemon().name("life-line").start(() -> endWith(in));
    int exit = 0;
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)))) {
      read(document, Integer.parseInt(args[0]), Integer.parseInt(args[1])).writeTo(out);
    } catch (InvalidPasswordException e) {
      exit = LOCKED;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      exit = UNREADABLE; // Whatever the document did to the library.
    }
    Runtime.getRuntime().halt(exit);
  }

  private static PdfText read(byte[] bytes, int pagesMax, int charsMax) throws IOException {
    MemoryUsageSetting memory = MemoryUsageSetting.setupMainMemoryOnly(CACHE_BYTES_MAX);
    try (PDDocument document =
        Loader.loadPDF(new RandomAccessReadBuffer(bytes), "", null, null, memory.streamCache)) {
      String title = document.getDocumentInformation().getTitle();
      BoundedText text = new BoundedText(charsMax);
      boolean all = text.read(document, pagesMax);
      byte[] utf8 = text.text().getBytes(StandardCharsets.UTF_8);
      return new PdfText(title == null ? "" : title.strip(), utf8, !all);
    }
  }

  private static void endWith(InputStream in) {
    try {
      while (in.read() >= 0) {
        continue;
      }
    } catch (IOException e) {
      // As good as its end.
    }
    Runtime.getRuntime().halt(UNREADABLE);
  }
}
