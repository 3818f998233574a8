package io.steward.sandbox.packages;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import io.steward.sandbox.driver.Commands;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Tiny packages made on the spot, served on the loopback interface.
final class LocalRegistry implements AutoCloseable {
  private final Path directory;
  private final HttpServer server;

  /// @param directory in which the packages are made
  LocalRegistry(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory.toRealPath());
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    this.server =
        SimpleFileServer.createFileServer(
            address, this.directory, SimpleFileServer.OutputLevel.NONE);
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path;
  }

  /// A Python package `tiny` whose `tiny.WORD` and command `tiny-word` say `word`.
  String wheel(String word) throws IOException {
    String info = "tiny_word-1.0.dist-info/";
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tiny/__init__.py", "WORD = '%s'\ndef main():\n    print(WORD)\n".formatted(word));
    files.put(info + "METADATA", "Metadata-Version: 2.1\nName: tiny-word\nVersion: 1.0\n");
    files.put(
        info + "WHEEL",
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    files.put(info + "entry_points.txt", "[console_scripts]\ntiny-word = tiny:main\n");
    files.put(info + "RECORD", String.join(",,\n", files.keySet()) + ",,\n" + info + "RECORD,,\n");
    String name = "tiny_word-1.0-py3-none-any.whl";
    try (OutputStream out = Files.newOutputStream(directory.resolve(name));
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return "tiny-word @ " + url(name);
  }

  /// A Node package `tiny-node` that exports `word`, has the command `tiny-node`, and runs `script`
  /// when it is installed.
  String tarball(String word, String script) throws IOException {
    Path parent = directory.resolve("npm");
    Path source = Files.createDirectories(parent.resolve("package"));
    Files.writeString(
        source.resolve("package.json"),
        """
        {"name": "tiny-node", "version": "1.0.0", "main": "main.js", "bin": "main.js",
         "scripts": {"install": "sh install.sh"}}
        """);
    Files.writeString(source.resolve("install.sh"), script);
    Files.writeString(
        source.resolve("main.js"),
        """
        #!/usr/bin/env node
        module.exports = '%s';
        if (require.main === module) console.log(module.exports);
        """
            .formatted(word));
    String name = "tiny-node-1.0.0.tgz";
    String target = directory.resolve(name).toString();
    Commands.run(List.of("tar", "-czf", target, "-C", parent.toString(), "package"));
    return url(name);
  }

  /// A repository of a Debian package `tiny-deb` with a command of that name, a file and links to
  /// nothing in `/etc`, and an alternative that its script sets. Returns a directory to use as
  /// `/etc/apt`.
  Path aptRepository(String word) throws IOException {
    Path source = Files.createDirectories(directory.resolve("deb/source"));
    write(source.resolve("usr/bin/tiny-deb"), "#!/bin/sh\ncat /etc/tiny-deb/word\n", "755");
    write(source.resolve("etc/tiny-deb/word"), word + "\n", "644");
    for (String name : List.of("etc/tiny-dangling", "etc/passwd")) {
      Files.deleteIfExists(source.resolve(name));
      Files.createSymbolicLink(source.resolve(name), Path.of("/nowhere/at-all"));
    }
    write(
        source.resolve("DEBIAN/postinst"),
        "#!/bin/sh\nset -e\nupdate-alternatives --install /usr/bin/tiny-link tiny-link"
            + " /usr/bin/tiny-deb 5\n",
        "755");
    String control =
        """
        Package: tiny-deb
        Version: 1.0
        Architecture: all
        Maintainer: Nobody <nobody@example.com>
        Description: tiny
        """;
    write(source.resolve("DEBIAN/control"), control, "644");
    Path deb = directory.resolve("deb/tiny-deb_1.0_all.deb");
    Commands.run(
        List.of("dpkg-deb", "--root-owner-group", "-b", source.toString(), deb.toString()));
    Files.writeString(
        directory.resolve("deb/Packages"),
        control
            + "Filename: deb/tiny-deb_1.0_all.deb\nSize: %d\nSHA256: %s\n"
                .formatted(Files.size(deb), sha256(Files.readAllBytes(deb))));
    Path settings = Files.createDirectories(directory.resolve("settings/apt"));
    Files.writeString(settings.resolve("sources.list"), "deb [trusted=yes] " + url("") + " deb/\n");
    return settings;
  }

  private static void write(Path file, String text, String mode) throws IOException {
    Files.createDirectories(file.resolve("..").normalize());
    Files.writeString(file, text);
    Commands.run(List.of("chmod", mode, file.toString()));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
