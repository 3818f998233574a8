package io.steward.vaultproxy.web;

import io.steward.vaultproxy.pdf.PdfProgram;
import io.steward.vaultproxy.pdf.PdfText;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads PDFs, each in a Java process of its own with a small heap and an empty environment. The
/// library's own memory settings do not hold for what a page's streams unpack to; this does.
final class PdfReader {
  /// A class of each jar the program needs.
  private static final List<String> NEEDED =
      List.of(
          "io.steward.vaultproxy.pdf.PdfProgram",
          "org.apache.pdfbox.Loader",
          "org.apache.pdfbox.io.RandomAccessRead",
          "org.apache.fontbox.ttf.TrueTypeFont",
          "org.apache.commons.logging.LogFactory",
          "org.jboss.logging.Logger");

  private static final int OUT_OF_MEMORY = 3;
  private static final int UTF8_BYTES_MAX = 3;
  private static final Duration EXIT_MAX = Duration.ofSeconds(5);

  private final Path directory;
  private final WebLimits.Pdf limits;
  private final String classPath;

  /// How reading a document ended.
  sealed interface Reading {
    record Read(PdfText text) implements Reading {}

    record Failed(String sentence) implements Reading {}
  }

  /// @param directory for the list of fonts the program finds, and nothing else
  PdfReader(Path directory, WebLimits.Pdf limits) {
    this.directory = directory;
    this.limits = limits;
    this.classPath = classPath();
  }

  Reading read(byte[] document, Duration timeMax) {
    try {
      Process process = start();
      var _ = Thread.ofVirtual().name("pdf-time").start(() -> endInTime(process, timeMax));
      try {
        return read(document, process);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      return new Reading.Failed("PDF documents cannot be read here at the moment.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Reading.Failed("Reading the PDF document was interrupted.");
    }
  }

  private Reading read(byte[] document, Process process) throws InterruptedException {
    try {
      // Not closed before the text is there: it is the process's life line.
      DataOutputStream out = new DataOutputStream(process.getOutputStream());
      out.writeInt(document.length);
      out.write(document);
      out.flush();
      DataInputStream in = new DataInputStream(process.getInputStream());
      return new Reading.Read(PdfText.readFrom(in, limits.charsMax() * UTF8_BYTES_MAX));
    } catch (IOException e) {
      // It ended before the text did; its exit code says why.
      boolean ended = process.waitFor(EXIT_MAX);
      return new Reading.Failed(sentence(ended ? process.exitValue() : -1));
    }
  }

  private String sentence(int exit) {
    return switch (exit) {
      case PdfProgram.LOCKED -> "The PDF document needs a password.";
      case PdfProgram.UNREADABLE -> "The PDF document cannot be read.";
      case OUT_OF_MEMORY ->
          "Reading the PDF document needs more memory than the limit of "
              + limits.heapMegabytesMax()
              + " MB.";
      default -> "Reading the PDF document did not end in time.";
    };
  }

  private static void endInTime(Process process, Duration timeMax) {
    try {
      if (!process.waitFor(timeMax)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }

  private Process start() throws IOException {
    Path home = Files.createDirectories(directory).toAbsolutePath();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+DisplayVMOutputToStderr",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=/dev/null",
            "-Xshare:auto",
            "-Xmx" + limits.heapMegabytesMax() + "m",
            "-Djava.awt.headless=true",
            "-Djava.io.tmpdir=" + home,
            "-Duser.home=" + home,
            "-Dpdfbox.fontcache=" + home,
            "-cp",
            classPath,
            PdfProgram.class.getName(),
            String.valueOf(limits.pagesMax()),
            String.valueOf(limits.charsMax()));
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("HOME", home.toString());
    environment.put("PATH", home.toString()); // There is nothing to run.
    environment.put("LC_ALL", "C.UTF-8");
    return builder.directory(home.toFile()).redirectError(Redirect.DISCARD).start();
  }

  /// The jars the program needs, wherever this process has them from.
  private static String classPath() {
    Set<String> places = new LinkedHashSet<>();
    for (String name : NEEDED) {
      try {
        CodeSource source =
            Class.forName(name, false, PdfReader.class.getClassLoader())
                .getProtectionDomain()
                .getCodeSource();
        places.add(Path.of(source.getLocation().toURI()).toAbsolutePath().toString());
      } catch (ClassNotFoundException | URISyntaxException e) {
        throw new IllegalStateException("The program that reads PDFs lacks " + name + ".", e);
      }
    }
    return String.join(File.pathSeparator, places);
  }
}
