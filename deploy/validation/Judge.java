import com.helger.diagnostics.error.IError;
import com.helger.diver.api.coord.DVRCoordinate;
import com.helger.io.resource.FileSystemResource;
import com.helger.phive.api.execute.ValidationExecutionManager;
import com.helger.phive.api.executorset.ValidationExecutorSetRegistry;
import com.helger.phive.api.result.ValidationResult;
import com.helger.phive.api.validity.IValidityDeterminator;
import com.helger.phive.en16931.EN16931Validation;
import com.helger.phive.peppol.PeppolValidation;
import com.helger.phive.xml.source.IValidationSourceXML;
import com.helger.phive.xml.source.ValidationSourceXML;
import com.helger.phive.xrechnung.XRechnungValidation;
import com.helger.phive.zugferd.ZugferdValidation;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

/**
 * Judges documents. Each line of its input is a file and by what: a set of rules as phive names it, or `pdfa:3b`.
 * Each line of its output is a finding (file, rules, severity, rule, place, text), or `judged`; parts are separated by
 * tabs.
 */
public class Judge {
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  public static void main(String[] arguments) throws Exception {
    ValidationExecutorSetRegistry<IValidationSourceXML> rules = new ValidationExecutorSetRegistry<>();
    EN16931Validation.initEN16931(rules);
    PeppolValidation.initStandard(rules);
    XRechnungValidation.initXRechnung(rules);
    ZugferdValidation.initZugferd(rules);
    VeraGreenfieldFoundryProvider.initialise();
    BufferedReader asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = asked.readLine(); line != null; line = asked.readLine()) {
      String[] parts = line.split("\t");
      try {
        if (parts[1].startsWith("pdfa:")) {
          judgePdf(parts[0], parts[1]);
        } else {
          judgeXml(rules, parts[0], parts[1]);
        }
      } catch (Exception error) {
        say(parts[0], parts[1], "fatal", "NOT-JUDGED", "/", error.toString());
      }
      say(parts[0], parts[1], "judged", "", "", "");
    }
  }

  private static void judgeXml(
      ValidationExecutorSetRegistry<IValidationSourceXML> rules, String path, String coordinate) throws Exception {
    var set = rules.getOfID(DVRCoordinate.parseOrThrow(coordinate));
    if (set == null) {
      throw new IllegalArgumentException("there are no such rules");
    }
    var source = ValidationSourceXML.create(new FileSystemResource(new File(path)));
    var results =
        ValidationExecutionManager.executeValidation(IValidityDeterminator.createDefault(), set, source, Locale.UK);
    for (ValidationResult result : results) {
      for (IError error : result.getErrorList()) {
        String severity = error.getErrorLevel().isError() ? "fatal" : error.getErrorLevel().getID();
        String rule = error.getErrorID() == null ? "XSD" : error.getErrorID();
        say(path, coordinate, severity, rule, error.getErrorFieldName(), error.getErrorText(Locale.UK));
      }
      if (result.getValidity().isSkipped()) {
        say(path, coordinate, "skipped", "", "", String.valueOf(result.getValidationArtefact().getRuleResourcePath()));
      }
    }
  }

  private static void judgePdf(String path, String coordinate) throws Exception {
    PDFAFlavour flavour = PDFAFlavour.fromString(coordinate.substring("pdfa:".length()));
    try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(path), flavour);
        PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
      var result = validator.validate(parser);
      for (TestAssertion found : result.getTestAssertions()) {
        String rule = found.getRuleId().getClause() + "-" + found.getRuleId().getTestNumber();
        say(path, coordinate, "fatal", rule, found.getLocation().getContext(), found.getMessage());
      }
      if (!result.isCompliant() && result.getTestAssertions().isEmpty()) {
        say(path, coordinate, "fatal", "NOT-COMPLIANT", "/", flavour.toString());
      }
    }
  }

  private static void say(String... parts) {
    for (int number = 0; number < parts.length; number++) {
      parts[number] = parts[number] == null ? "" : parts[number].replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    }
    OUT.println(String.join("\t", parts));
  }
}
