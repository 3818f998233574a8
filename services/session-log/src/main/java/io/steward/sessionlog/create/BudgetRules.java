package io.steward.sessionlog.create;

import io.steward.schemas.agent.Multiagent;
import io.steward.schemas.agent.SessionAgent;
import io.steward.schemas.agent.ThreadAgent;
import io.steward.schemas.event.Budget;
import io.steward.schemas.event.Money;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.model.ModelCatalog;
import io.steward.sessionlog.http.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The rules of `budget`. Source: contract/core.md §5.2, §5.4, §5.6.
public final class BudgetRules {
  /// Why a budget is refused, for programs.
  public static final String MODEL_NOT_BUDGETABLE = "model_not_budgetable";

  private static final Pattern CENTS = Pattern.compile("[1-9][0-9]{0,14}");

  private BudgetRules() {}

  /// A budget in a request; null when there is none.
  ///
  /// @throws ApiException 400 when it breaks a rule
  public static @Nullable Budget read(Field budget) {
    if (budget.absent()) {
      return null;
    }
    Field type = budget.field("type");
    if (!type.text().equals(Budget.LIMIT)) {
      throw type.refused("must be \"limit\"");
    }
    Field cost = budget.field("max_list_cost");
    Field currency = cost.field("currency");
    if (!currency.text().equals(Money.USD)) {
      throw currency.refused("must be \"USD\"");
    }
    Field amount = cost.field("amount");
    if (!CENTS.matcher(amount.text()).matches()) {
      throw amount.refused(
          "must be whole cents as a decimal string, above 0, without leading zeros, of at most 15"
              + " digits");
    }
    return Budget.limit(new Money(amount.text(), Money.USD));
  }

  /// Refuses a budget for an agent whose costs nobody could count.
  ///
  /// @throws ApiException 400 `model_not_budgetable` when a model has no list price
  static void requirePrices(SessionAgent agent, ModelCatalog models) {
    for (String model : models(agent)) {
      if (models.prices(model).isEmpty()) {
        throw notBudgetable(model);
      }
    }
  }

  /// 400 about a model without list prices.
  public static ApiException notBudgetable(String model) {
    return new ApiException(
        ApiError.invalid(
            "`budget`: the model " + model + " has no list price, so its cost cannot be limited.",
            MODEL_NOT_BUDGETABLE));
  }

  /// The models of the agent, of its roster and of its advisor.
  private static List<String> models(SessionAgent agent) {
    List<String> models = new ArrayList<>();
    models.add(agent.model().id());
    Multiagent roster = agent.multiagent();
    if (roster == null) {
      return models;
    }
    roster.members().stream()
        .filter(ThreadAgent.class::isInstance)
        .forEach(member -> models.add(((ThreadAgent) member).model().id()));
    switch (roster) {
      case Multiagent.Coordinator coordinator ->
          coordinator.agents().stream()
              .filter(Multiagent.Advisor.class::isInstance)
              .forEach(advisor -> models.add(((Multiagent.Advisor) advisor).model()));
      case Multiagent.Delegation delegation -> {
        if (delegation.advisor() instanceof Multiagent.AdvisorEnabled(String model)) {
          models.add(model);
        }
      }
    }
    return models;
  }
}
