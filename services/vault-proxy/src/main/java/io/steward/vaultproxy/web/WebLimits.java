package io.steward.vaultproxy.web;

import java.time.Duration;

/// How far one fetch may go.
///
/// @param connectTimeMax until a connection to one address stands
/// @param timeMax of the whole fetch, redirects and reading included
/// @param bodyBytesMax of the page as it is sent
/// @param redirectsMax that are followed
/// @param textCharsMax of the text, if the caller sets no smaller limit
/// @param pdf limits of reading a PDF
public record WebLimits(
    Duration connectTimeMax,
    Duration timeMax,
    int bodyBytesMax,
    int redirectsMax,
    int textCharsMax,
    Pdf pdf) {
  /// HTML pages and PDFs that are made text of at once; others wait. Reading is what takes memory.
  public static final int READINGS_MAX = 2;

  /// @param pagesMax that are read
  /// @param charsMax of the text
  /// @param heapMegabytesMax of the process that reads
  public record Pdf(int pagesMax, int charsMax, int heapMegabytesMax) {}

  public static WebLimits usual() {
    return new WebLimits(
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        10 * 1024 * 1024,
        5,
        400_000,
        new Pdf(200, 400_000, 256));
  }
}
