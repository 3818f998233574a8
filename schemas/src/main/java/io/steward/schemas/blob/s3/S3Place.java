package io.steward.schemas.blob.s3;

import io.steward.schemas.blob.BlobKey;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where the bucket is.
///
/// @param prefix ends with a slash, or is empty
/// @param region empty: where the AWS SDK finds it
/// @param endpoint empty: AWS
/// @param pathStyle whether the bucket is part of the path
public record S3Place(
    String bucket,
    String prefix,
    Optional<String> region,
    Optional<URI> endpoint,
    boolean pathStyle) {
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,64}");
  private static final int PREFIX_CHARACTERS_MAX = 256;

  /// The place the settings name, if they name one.
  ///
  /// @throws IllegalArgumentException with one sentence when a setting cannot be used
  static Optional<S3Place> of(S3Settings settings) {
    Optional<String> bucket = given(settings.bucket());
    Optional<String> prefix = given(settings.prefix());
    Optional<String> region = given(settings.region());
    Optional<String> endpoint = given(settings.endpoint());
    Optional<String> pathStyle = given(settings.pathStyle());
    if (bucket.isEmpty()) {
      require(prefix.isEmpty(), "STEWARD_BLOB_S3_PREFIX", prefix, ALONE);
      require(region.isEmpty(), "STEWARD_BLOB_S3_REGION", region, ALONE);
      require(endpoint.isEmpty(), "STEWARD_BLOB_S3_ENDPOINT", endpoint, ALONE);
      require(pathStyle.isEmpty(), "STEWARD_BLOB_S3_PATH_STYLE", pathStyle, ALONE);
      return Optional.empty();
    }
    require(
        bucket.filter(name -> BUCKET.matcher(name).matches()).isPresent(),
        "STEWARD_BLOB_S3_BUCKET",
        bucket,
        "it must be the name of a bucket: 3 to 63 characters a-z, 0-9, dot and dash");
    require(
        region.stream().allMatch(name -> REGION.matcher(name).matches()),
        "STEWARD_BLOB_S3_REGION",
        region,
        "it must be the name of a region, such as eu-central-1");
    require(
        pathStyle.stream().allMatch(text -> text.equals("true") || text.equals("false")),
        "STEWARD_BLOB_S3_PATH_STYLE",
        pathStyle,
        "it must be true or false");
    return Optional.of(
        new S3Place(
            bucket.orElseThrow(),
            prefix.map(S3Place::prefix).orElse(""),
            region,
            endpoint.map(S3Place::address),
            pathStyle.filter("true"::equals).isPresent()));
  }

  private static final String ALONE =
      "it is used with STEWARD_BLOB_S3_BUCKET only, which is not set";

  private static Optional<String> given(Optional<String> setting) {
    return setting.map(String::strip).filter(text -> !text.isEmpty());
  }

  private static String prefix(String text) {
    String names = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    require(
        BlobKey.isOne(names) && names.length() <= PREFIX_CHARACTERS_MAX,
        "STEWARD_BLOB_S3_PREFIX",
        Optional.of(text),
        "it must be names of A-Z, a-z, 0-9, dot, dash and underscore with slashes between them,"
            + " at most 256 characters");
    return names + "/";
  }

  private static URI address(String text) {
    try {
      URI address = new URI(text);
      boolean web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
      if (web && address.getHost() != null && address.getUserInfo() == null) {
        return address;
      }
    } catch (URISyntaxException e) {
      // Refused below: what is in it may be a password.
    }
    throw new IllegalArgumentException(
        "STEWARD_BLOB_S3_ENDPOINT cannot be used: it must be an address with http or https, a host"
            + " and no user, such as https://s3.example.com:9000.");
  }

  private static void require(
      boolean holds, String name, Optional<String> value, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(
          name + " is \"" + value.orElse("") + "\" and cannot be used: " + otherwise + ".");
    }
  }
}
