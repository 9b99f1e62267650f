// What Jackson says of events: reads events, each a JSON text (or a line that this program printed), from standard input, and
// prints them with Jackson's sentence, or null, as lines of tests/events/jackson.jsonl.

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

public class Events {
    public static void main(String[] args) throws Exception {
        JsonFactory factory = JsonFactory.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();
        ObjectMapper mapper = new ObjectMapper(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode given = mapper.readTree(line);
            String event = (given.isArray() ? given.get(0) : given).asText();
            String sentence = null;
            try {
                mapper.readValue(event.getBytes(StandardCharsets.UTF_8), Object.class);
            } catch (JsonProcessingException e) {
                sentence = e.getMessage();
            }
            System.out.println(mapper.writeValueAsString(Arrays.asList(event, sentence)));
        }
    }
}
