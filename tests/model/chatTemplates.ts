/** Chat templates in the manner of the published ones: what their programs do, in fewer words. */
export const TEMPLATES: Readonly<Record<string, string>> = {
  qwen: `{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- if message.role == 'user' and message.content is string and not message.content.startswith('<tool') %}
        {%- set ns.last = messages|length - loop.index %}{%- break %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content %}
    {%- if message.role == 'assistant' and loop.index0 <= ns.last %}
        {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}`,
  granite: `{%- if messages[0]['role'] == 'system' %}
     {%- set system_message = messages[0]['content'] %}
     {%- set loop_messages = messages[1:] %}
 {%- else %}
     {%- set system_message = "Knowledge Cutoff Date: April 2024.
Today's Date: " + strftime_now('%B %d, %Y') + ".
You are Granite, developed by IBM." %}
     {%- set loop_messages = messages %}
 {%- endif %}
 {{- '<|start_of_role|>system<|end_of_role|>' + system_message + '<|end_of_text|>
' }}
 {%- for message in loop_messages %}
     {{- '<|start_of_role|>' + message['role'] + '<|end_of_role|>' + message['content'] + '<|end_of_text|>
' }}
     {%- if loop.last and add_generation_prompt %}
             {{- '<|start_of_role|>assistant' }}
                 {%- if controls %}
                     {{- ' ' + controls | tojson()}}
                 {%- endif %}
             {{- '<|end_of_role|>' }}
     {%- endif %}
 {%- endfor %}`,
  mixtral: `{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}`,
  deepseek: `{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ 'User: ' + message['content'] + '\\n\\n' }}{% elif message['role'] == 'assistant' %}{{ 'Assistant: ' + message['content'] + eos_token }}{% elif message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}`,
  harmony: `{%- macro part(role, channel) -%}{{ "<|start|>" + role + ("<|channel|>" + channel if channel else "") + "<|message|>" }}{%- endmacro -%}
{{- part("system", none) + "Current date: " + strftime_now("%Y-%m-%d") + "\\n\\nReasoning: " + (reasoning_effort|default("medium")) + "<|end|>" }}
{%- for message in messages -%}
    {%- if message.role == "assistant" -%}
        {%- if "<|channel|>" in message.content -%}{{- raise_exception("You have passed a message with <|channel|> in its content.") }}{%- endif -%}
        {{- part("assistant", "final") + message.content + "<|end|>" }}
    {%- else -%}
        {{- part(message.role, none) + message.content + "<|end|>" }}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}<|start|>assistant{%- endif -%}`,
};

/** The marks that those templates write, but for <|end|>, which is in the common vocabulary. */
export const MARKS =
  '<s> </s> <|im_start|> <|im_end|> <|start_of_role|> <|end_of_role|> <|end_of_text|> <|start|> <|message|> <|channel|> <|return|> <|call|>'.split(
    ' ',
  );
