package io.steward.vaultproxy.stage;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts.FontName;

/// PDF documents, made as they are needed.
public final class Documents {
  private Documents() {}

  /// One page for each text.
  public static byte[] pdf(String title, String... texts) throws IOException {
    try (PDDocument document = document(title, texts)) {
      return bytes(document);
    }
  }

  public static byte[] locked(String password) throws IOException {
    try (PDDocument document = document("Locked", "secret text")) {
      document.protect(new StandardProtectionPolicy("owner", password, new AccessPermission()));
      return bytes(document);
    }
  }

  /// A page whose content is a few bytes, and unpacks to one string of so many megabytes.
  public static byte[] bomb(int megabytes) throws IOException {
    try (PDDocument document = new PDDocument()) {
      PDPage page = new PDPage();
      document.addPage(page);
      PDStream content = new PDStream(document);
      byte[] megabyte = "a".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
      try (OutputStream out = content.createOutputStream(COSName.FLATE_DECODE)) {
        out.write("BT (".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < megabytes; i++) {
          out.write(megabyte);
        }
        out.write(") Tj ET".getBytes(StandardCharsets.US_ASCII));
      }
      page.setContents(content);
      return bytes(document);
    }
  }

  private static PDDocument document(String title, String... texts) throws IOException {
    PDDocument document = new PDDocument();
    document.getDocumentInformation().setTitle(title);
    for (String text : texts) {
      PDPage page = new PDPage();
      document.addPage(page);
      try (PDPageContentStream content = new PDPageContentStream(document, page)) {
        content.beginText();
        content.setFont(new PDType1Font(FontName.HELVETICA), 12);
        content.newLineAtOffset(50, 700);
        content.showText(text);
        content.endText();
      }
    }
    return document;
  }

  private static byte[] bytes(PDDocument document) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    document.save(bytes);
    return bytes.toByteArray();
  }
}
