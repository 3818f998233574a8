package io.steward.vaultproxy.pdf;

import java.io.IOException;
import java.io.Writer;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;

/// The text of a document up to a number of characters.
final class BoundedText extends Writer {
  private final StringBuilder text = new StringBuilder();
  private final int charsMax;
  private boolean full;

  BoundedText(int charsMax) {
    this.charsMax = charsMax;
  }

  /// Reads page by page.
  ///
  /// @return whether this was all of it
  boolean read(PDDocument document, int pagesMax) throws IOException {
    PDFTextStripper stripper = new PDFTextStripper();
    int pages = document.getNumberOfPages();
    for (int page = 1; page <= Math.min(pages, pagesMax) && !full; page++) {
      stripper.setStartPage(page);
      stripper.setEndPage(page);
      stripper.writeText(document, this);
    }
    return !full && pages <= pagesMax;
  }

  String text() {
    int end = text.length();
    boolean half = end > 0 && Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, half ? end - 1 : end).strip();
  }

  @Override
  public void write(char[] chars, int from, int length) {
    int room = charsMax - text.length();
    full |= length > room;
    text.append(chars, from, Math.min(length, room));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
