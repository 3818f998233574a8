package io.steward.schemas.model;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One entry of the catalog: a model, or all models that a pattern names.
///
/// @param id a model id, or a pattern in which `*` stands for any characters
/// @param provider name of a provider of the catalog
/// @param upstreamId how the provider calls the model; null for the id itself
/// @param displayName for people; the id when the file gives none
/// @param createdAt when the model was released; the epoch when that is unknown
/// @param lifecycle `active`, `deprecated` or `retired`; decides only what lists show
/// @param line the family, such as `opus`, or null for models of other makers
/// @param contextWindow tokens the model can read and write in one request
/// @param outputTokensMax the longest reply, in tokens
/// @param compactAt share of the context window, above 0 and below 1, at which a conversation is
///   compacted
/// @param prices list prices without the running time, or null when the model has none
/// @param efforts levels of effort the model takes; empty when it takes none
/// @param images whether it reads images
/// @param documents whether it reads PDF documents
public record CatalogModel(
    String id,
    String provider,
    @Nullable String upstreamId,
    String displayName,
    Instant createdAt,
    String lifecycle,
    @Nullable String line,
    int contextWindow,
    int outputTokensMax,
    double compactAt,
    @Nullable TokenPrices prices,
    List<String> efforts,
    boolean images,
    boolean documents) {
  /// All levels of effort there are, the least first.
  public static final List<String> EFFORTS = List.of("low", "medium", "high", "xhigh", "max");

  /// All states of a model's life.
  public static final List<String> LIFECYCLES = List.of("active", "deprecated", "retired");

  static final List<String> LINES = List.of("haiku", "sonnet", "opus", "fable", "mythos");

  public CatalogModel {
    efforts = List.copyOf(efforts);
  }

  /// Dollars per million tokens.
  public record TokenPrices(
      BigDecimal input, BigDecimal output, BigDecimal cacheWrite, BigDecimal cacheRead) {}

  /// Whether the entry stands for many models.
  public boolean isPattern() {
    return id.indexOf('*') >= 0;
  }

  /// The size of a conversation, in tokens, at which it is compacted.
  public int compactAtTokens() {
    return (int) (contextWindow * compactAt);
  }

  /// How the provider calls the model `requested`.
  public String upstreamId(String requested) {
    return upstreamId == null ? requested : upstreamId;
  }

  /// The prices a session of this model is created with.
  Optional<ListPrices> listPrices(BigDecimal activeHour, @Nullable BigDecimal thousandSearches) {
    return Optional.ofNullable(prices)
        .map(price ->
            new ListPrices(
                price.input(),
                price.output(),
                price.cacheWrite(),
                price.cacheRead(),
                activeHour,
                thousandSearches));
  }
}
