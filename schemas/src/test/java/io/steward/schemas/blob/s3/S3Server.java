package io.steward.schemas.blob.s3;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

/// S3's protocol on a directory, on a free port of this machine, with signatures checked.
final class S3Server implements AutoCloseable {
  static final String BUCKET = "steward-test";
  private static final String IDENTITY = "an-identity";
  private static final String CREDENTIAL = "a-credential";

  private final S3Proxy proxy;

  private S3Server(S3Proxy proxy) {
    this.proxy = proxy;
  }

  static S3Server start(Path directory) throws IOException {
    Files.createDirectories(directory.resolve(BUCKET));
    S3Proxy proxy =
        S3Proxy.builder()
            .blobStore(new FilesystemNio2BlobStore(directory.toString()))
            .awsAuthentication(AuthenticationType.AWS_V4, IDENTITY, CREDENTIAL)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .build();
    try {
      proxy.start();
    } catch (Exception e) {
      throw new IOException(e);
    }
    return new S3Server(proxy);
  }

  S3Place place(String bucket, String prefix) {
    URI endpoint = URI.create("http://127.0.0.1:" + proxy.getPort());
    return new S3Place(bucket, prefix, Optional.of("eu-test-1"), Optional.of(endpoint), true);
  }

  /// A client with our limits and the server's credentials.
  static S3Client client(S3Place place) {
    return S3BlobStore.builder(place)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(IDENTITY, CREDENTIAL)))
        .build();
  }

  @Override
  public void close() throws IOException {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
