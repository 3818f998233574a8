package io.steward.e2e.stage;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import java.time.Duration;

/// A Steward that runs, wherever that is.
public interface Running {
  /// The key clients send.
  String API_KEY = "steward-test-key-0123456789abcdef";

  /// Without a slash at its end.
  String baseUrl();

  /// The last lines of everything it logged.
  String logTail();

  /// Stops it; fails when that leaves something behind.
  void stop() throws Exception;

  /// Ends an instance nothing is expected of any more.
  void abandon() throws InterruptedException;

  /// A new official client that does not retry, so that every answer is seen.
  default AnthropicClient sdk() {
    return AnthropicOkHttpClient.builder()
        .baseUrl(baseUrl())
        .apiKey(API_KEY)
        .maxRetries(0)
        .timeout(Duration.ofSeconds(60))
        .build();
  }
}
