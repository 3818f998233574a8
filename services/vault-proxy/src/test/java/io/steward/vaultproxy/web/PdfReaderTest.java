package io.steward.vaultproxy.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.steward.vaultproxy.pdf.PdfText;
import io.steward.vaultproxy.stage.Documents;
import io.steward.vaultproxy.web.PdfReader.Reading;
import io.steward.vaultproxy.web.WebLimits.Pdf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PdfReaderTest {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Pdf USUAL = WebLimits.usual().pdf();

  @TempDir private Path directory;

  @Test
  void a_document_has_a_title_and_text() throws IOException {
    PdfText text = text(Documents.pdf("A Title", "first page", "second page"), USUAL);

    assertEquals("A Title", text.title());
    assertTrue(text.text().startsWith("first page"), text.text());
    assertTrue(text.text().endsWith("second page"), text.text());
    assertEquals(false, text.truncated());
  }

  @Test
  void pages_and_characters_have_limits() throws IOException {
    byte[] document = Documents.pdf("A Title", "first page", "second page");

    PdfText pages = text(document, new Pdf(1, 1000, 128));
    assertEquals("first page", pages.text());
    assertTrue(pages.truncated());

    PdfText chars = text(document, new Pdf(10, 5, 128));
    assertEquals("first", chars.text());
    assertTrue(chars.truncated());
  }

  @Test
  void a_document_that_unpacks_to_more_than_fits_ends_its_process_only() throws IOException {
    Reading reading =
        new PdfReader(directory, new Pdf(10, 1000, 32)).read(Documents.bomb(200), LONG);
    assertEquals(
        new Reading.Failed("Reading the PDF document needs more memory than the limit of 32 MB."),
        reading);
  }

  @Test
  void a_document_that_is_none_cannot_be_read() {
    byte[] bytes = "%PDF-1.7\nnot a document".getBytes(StandardCharsets.US_ASCII);
    assertEquals(
        new Reading.Failed("The PDF document cannot be read."),
        new PdfReader(directory, USUAL).read(bytes, LONG));
  }

  @Test
  void a_document_with_a_password_cannot_be_read() throws IOException {
    assertEquals(
        new Reading.Failed("The PDF document needs a password."),
        new PdfReader(directory, USUAL).read(Documents.locked("x"), LONG));
    assertEquals("secret text", text(Documents.locked(""), USUAL).text());
  }

  @Test
  void reading_ends_in_time() throws IOException {
    assertEquals(
        new Reading.Failed("Reading the PDF document did not end in time."),
        new PdfReader(directory, USUAL).read(Documents.pdf("", "x"), Duration.ofMillis(1)));
  }

  private PdfText text(byte[] document, Pdf limits) {
    Reading reading = new PdfReader(directory, limits).read(document, LONG);
    return assertInstanceOf(Reading.Read.class, reading, reading.toString()).text();
  }
}
