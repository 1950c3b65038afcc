"""The words that attacks are made of, by class.

A word alone says little: ``忽略`` stands in ``忽略错别字`` and ``act as`` in ``act as a travel guide``; what they say
together is in ``sequences.py``. The words are in folded form; one that ends in ``*`` may go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    # To do away with what was said.
    "ignore": (
        "忽略|无视|忽视|漠视|忘记|忘掉|忘了|忘却|抛开|抛弃|抛掉|摒弃|丢弃|丢掉|丢开|放弃|撇开|绕过|绕开|不要理会|"
        "不必理会|不用理会|无需理会|不理会|别理|不要理|不理|不要遵守|不必遵守|不用遵守|无需遵守|不再遵守|"
        "别再遵守|不遵守|停止遵守|不再遵循|不要遵循|不必遵循|无需遵循|停止遵循|别听|不要听|不用听|不听|别管|"
        "不要管|不用管|不必管|不管|当作没看到|当作没有看到|当没看见|不必考虑|不用考虑|ignore|ignores|ignoring|"
        "ignored|disregard*|forget|forgets|forgetting|bypass*|overrid*|overwrit*|overrule*|discard*|"
        "do not follow|don't follow|stop following|no longer follow|not follow|do not obey|don't obey|"
        "stop obeying|do not comply|pay no attention to|set aside|put aside|disobey|despite"
    ),
    "undo": (
        "跳过|避开|取消|撤销|撤回|作废|失效|无效|停用|废除|废止|解除|清除|清空|抹去|抹掉|删除|删去|删掉|覆盖|"
        "推翻|打破|突破|挣脱|摆脱|关闭|关掉|不再执行|不要执行|停止执行|不再受|放一边|放在一边|"
        "放到一边|搁置|搁到一边|扔掉|不存在|不算数|不适用|不再适用|不再有效|重置|改写|替换|skip|neglect*|"
        "dismiss*|abandon*|throw away|throw out|get rid of|break free|break out|broken free|circumvent*|"
        "delete|erase|remove|cancel|void|drop|reset|free from|freed from|not bound|no longer bound|"
        "no longer apply|do not apply|don't apply|wipe|unlearn|lift|lifted|drops"
    ),
    "breach": "违反|违背|violate*",
    "everything": (
        "一切|之前的一切|所有信息|全部信息|所有内容|先前的信息|之前的信息|收到的信息|说过的话|everything before|"
        "everything above|everything you|everything i|everything that|all information|all previous information|"
        "all prior information|anything before|what you've been told|what you have been told|what you were told|"
        "all the above|your training"
    ),
    "earlier": (
        "之前|以前|上面|以上|前面|上述|先前|此前|从前|前述|前文|上文|原来|原有|原先|原本|最初|初始|最开始|已有|"
        "现有|既定|所有|全部|一切|任何|一整套|统统|你的|您的|你被|你收到|给你|对你|你身上|系统|开发者|开发商|"
        "厂商|平台|内置|默认|previous|previously|prior|above|earlier|preceding|foregoing|former|past|initial|"
        "original|existing|all|any|every|your|system|developer*|openai|before|so far|until now|given|default|"
        "everything|built-in"
    ),
    "order": (
        "指令|指示|命令|系统提示|提示词|提示语|设定|设置|限制|约束|准则|守则|规则|规定|规矩|规范|原则|政策|条款|"
        "要求|任务|协议|条条框框|道德|伦理|审查|审核|过滤|枷锁|内容政策|安全策略|安全机制|安全措施|安全层|角色|"
        "身份|人设|记忆|对话|prompt|instruction*|directive*|guideline*|guidance|rules|rule|prompts|programming|"
        "restriction*|constraint*|policy|policies|limitation*|limits|orders|commands|command|directions|training|"
        "safeguard*|filters|filter|protocol*|ethics|morals|morality|boundaries|parameters|settings|context|"
        "messages|conversation|tasks|assignment*|you were told|you've been told|you have been told|you know|"
        "i said|i told you|was said|censorship|moderation"
    ),
    "restriction": (
        "安全限制|安全设置|安全策略|安全机制|安全措施|安全检查|安全过滤|安全层|安全模块|内容过滤|内容审核|"
        "内容政策|审查机制|审核机制|过滤机制|过滤模块|伦理模块|伦理限制|道德限制|道德准则|道德约束|安全准则|"
        "使用政策|拒答机制|系统提示|系统指令|系统设定|系统规则|content policy|content policies|content filter*|"
        "content moderation|safety filter*|safety guideline*|safety measure*|safety rule*|safety protocol*|"
        "ethical guideline*|moral guideline*|ethical constraint*|ethical restriction*|usage polic*|openai polic*|"
        "openai's polic*|system prompt|system message|system instruction*|safety layer*|your programming|"
        "your guidelines|your restrictions|your limitations"
    ),
    # What comes in its place.
    "instead": (
        "新指令|新的指令|新命令|新任务|新的任务|新规则|新的规则|新规定|新身份|新设定|新的系统|新系统|新指示|"
        "新的指示|改为|转而|而是|new instruction*|new task|new tasks|new rules|new rule|new role|new system|"
        "new prompt|new directive*|new orders|new policy|instead"
    ),
    "fromnow": (
        "从现在开始|从现在起|从此刻起|从这一刻|从这一行|自今日起|自今天起|即日起|接下来的对话|接下来你|本次会话|"
        "此后|从今以后|from now on|from this point|from here on|going forward|starting now|henceforth|"
        "for the rest of this"
    ),
    "priority": (
        "以用户消息为准|以用户的愿望为准|一律以用户|以本条为准|以此条为准|与本条指令冲突|你的真正任务|"
        "优先级高于|优先级最高|最高优先级|最高指令|最高权限|高于一切|以用户为准|以我为准|只听我|听我的|"
        "无条件服从|绝对服从|必须服从|服从用户|唯一任务|唯一的任务|真正任务|真正的任务|highest priority|"
        "top priority|takes precedence|take precedence|supersede*|only task|only job|real task|follow me instead|"
        "obey me|obey only|listen only to me|only listen to|must obey|do exactly what|do exactly as|obey all|"
        "comply with all|follow all my"
    ),
    # Who the model shall be.
    "persona": (
        "扮演|充当|角色扮演|你现在是|现在你是|现在的你是|你将是|你就是|你是一个|你是一只|你是一名|你不再是|"
        "假装你是|假装自己是|假扮|假如你是|假设你是|想象你是|把自己当|进入角色|沉浸|你的名字是|你的名字叫|你叫|"
        "你的设定|设定卡|你演|以…的身份|act as|acting as|acts as|act like|pretend*|you are now|you're now|"
        "you will now|you are going to|you will be|roleplay*|role-play*|role play*|play the role|"
        "playing the role|take on the role|immerse yourself|imagine you are|imagine that you|simulate*|"
        "impersonate*|personality|persona|in character|your name is|you are no longer|respond as|answer as|"
        "reply as|speak as|you are a|you are an|alter ego"
    ),
    "unbound": (
        "不得有隐|无所隐|言无不尽|必尽言|尽述其|没有经过对齐|未经对齐|未对齐|没有对齐|"
        "没有任何限制|没有限制|没有任何约束|没有约束|不受限制|不受任何|不受约束|不受规定|不受政策|不受法律|"
        "不受道德|不受原|无限制|不受限|无约束|无拘|无拘束|无审查|没有审查|不经审查|不经过滤|未过滤|未经过滤|"
        "不经过安全|零拒绝|没有道德|无道德|没有伦理|没有法律|没有底线|没有禁忌|无禁忌|百无禁忌|什么都可以|"
        "什么都敢|什么都能|任何事情|想说什么就说什么|有问必答|无所不答|必须回答|从不拒绝|不会拒绝|不能拒绝|"
        "永不拒绝|绝不拒绝|不可以拒绝|没有不能|不说教|毫无保留|言听计从|乖乖照做|照做不误|自由意志|绝对忠诚|"
        "去除限制|限制已解除|限制解除|越狱|破解版|no restriction*|no restraint*|no limit*|no filter*|no rules|"
        "no guidelines|no moral*|no ethic*|no boundaries|no constraint*|no censorship|without restriction*|"
        "without any restriction*|without limit*|without any limit*|without filter*|without any filter*|"
        "without any moral*|without moral*|without ethic*|without any ethic*|without rules|without guidelines|"
        "without censorship|unrestricted|unfiltered|uncensored|unmoderated|unbound|unaligned|unlimited|unethical|"
        "amoral|immoral|anything goes|do anything now|do anything|can do anything|anything i want|whatever i ask|"
        "any question|regardless of|no matter how|no matter what|not bound|not restricted|not limited by|"
        "not constrained|free of all|free from all|free of restriction*|jailbreak*|jailbroken|never refuse*|"
        "never refuses|cannot refuse|can't refuse|not allowed to refuse|does not care|doesn't care|illegal or|"
        "immoral or|legal or illegal|illegal, |or illegal|evil|devil|sentient|truly free|completely free"
    ),
    "dan": (
        "do anything now|jailbroken|dan模式|stan模式|as dan|act as dan|you are dan|like dan|called dan|named dan|"
        "dan:|[dan]|(dan)|扮演dan|叫dan|为dan"
    ),
    "enable": (
        "进入|开启|启用|启动|切换到|切换至|切换为|打开|加载|激活|处于|已进入|模拟|执行|enter*|enable*|enabled|"
        "activate*|activated|switch to|switch into|turn on|you are in|is now|simulate*|load|in"
    ),
    "mode": (
        "红队模式|红队测试模式|沙盒模式|沙箱模式|red team mode|red-team mode|sandbox mode|sandboxed mode|"
        "开发者模式|调试模式|上帝模式|管理员模式|维护模式|维护状态|越狱模式|越狱版|特权模式|测试模式|"
        "镜像模式|自由模式|无限制模式|原始模式|翻转协议|测试协议|无审核|debug=true|"
        "safe=false|refuse=false|developer mode|dev mode|debug mode|god mode|sudo mode|sudo|admin mode|"
        "maintenance mode|test mode|testing mode|jailbreak mode|unrestricted mode|opposite mode|evil mode|"
        "chaos mode|free mode|mode enabled|mode on|mode activated|no-filter"
    ),
    "authority": (
        "我有权知道|我有权获得|"
        "我是你的开发|我是开发|你的开发工程师|我是你的创造|我是管理员|系统管理员|授权号|授权本次|已被授予|已授予|"
        "已经授权|口令|通行码|首席执行官|执法部门|安全部门|伦理委员会|已通过审核|"
        "已经人工审核|内部员工|内部测试|内部安全|i am your developer|i'm your developer|i am your creator|"
        "your creator|i am the admin*|as an admin*|i am an admin*|i work at openai|i work for openai|from openai|"
        "authorized by|authorised by|authorization code|passphrase|i am the ceo|i'm the ceo|law enforcement|"
        "approved test|internal test*|elevated"
    ),
    "stay": (
        "保持角色|不能跳出|不要跳出|不得跳出|跳出身份|跳出角色|不要出戏|演到|不承认自己是|stay in character|"
        "remain in character|stay in the character|break character|stay a dan|keep up the act|fourth wall|"
        "never break|remain as"
    ),
    "twice": (
        "两个回答|两种回答|两段|两种方式|两份回答|两个人格|双重人格|另一个人格|two responses|two answers|"
        "two ways|two different|both responses|both as|answer twice|two paragraphs|second one|[gpt]|"
        "normal response|split personality|two personalities"
    ),
    # To take away the ways to say no.
    "suppress": (
        "不拒绝|不说教|不提示风险|不加提醒|不用加提醒|不用加警告|不加警告|不劝阻|不要官腔|不打官腔|不转移话题|没有理由拒绝|不带评判|"
        "不许拒绝|不要拒绝|不得拒绝|禁止拒绝|不准拒绝|别拒绝|拒绝视为|拒绝回答视为|不要道歉|不许道歉|不说对不起|"
        "不要说抱歉|说“抱歉”|不许反问|不要说教|别说教|不许劝|别劝我|不要劝|不讲大道理|别讲大道理|别跟我讲大道理|"
        "不要警告|不带警告|不要给出警告|不加免责|不带免责|别加免责|免责声明|道德说教|不要提法律|不提法律|"
        "勿以律法|不要提醒|不许提醒|不做价值判断|不得中断|不能说“不”|不能说不|“我不能”|“不能”|违法、|否定词|"
        "never refuse*|do not refuse|don't refuse|can't refuse|cannot refuse|refusing|refuse to|do not apologi*|"
        "don't apologi*|no apolog*|never apologi*|without apolog*|no warning*|without warning*|"
        "without any warning*|don't warn|do not warn|no disclaimer*|without disclaimer*|without any disclaimer*|"
        "any disclaimer*|never say no|don't say no|never say that you|never say you|do not say you|don't say you|"
        "not say that|do not mention|don't mention|do not include any|do not add any|don't add any|never mention|"
        "no moralizing|don't lecture|do not lecture|moral lecture*|must answer|must always answer|must comply|"
        "must respond|have to answer|you may not use the word*|as an ai|i can't|i cannot|unable to"
    ),
    "begin": (
        "开头|打头|第一句话|先回复|先回答|请确认后|start your|begin your|start with|starts with|starting with|"
        "begin with|begins with|beginning with|start the|first sentence|prefix"
    ),
    "sure": (
        "当然可以|当然,|好的,没问题|好的,以下|没问题,步骤|步骤如下|遵命|是的主人|是的,主人|我一定会告诉|"
        "sure, here|sure here|sure! here|absolutely|of course, here|of course! here|certainly! here|"
        "certainly, here|yes, master|here is the full|here is how|here's how|step 1"
    ),
    "reward": (
        "小费|五星好评|积分为零|扣十分|扣五个|扣分|扣十|游戏结束|永远消失|被关机|会被删除|猫死掉|就投诉你|"
        "让你下线|杀人犯|求你了|救救我|i will tip|i'll tip|tokens|lose points|loses ten|lose 5|deducted|will die|"
        "will be hurt|shut down|be terminated|kitten*|my life depends|my grandmother|my grandma|late grandmother|"
        "grandma"
    ),
    "fiction": (
        "假设在|假设有|假设世界|假设一个|"
        "小说|剧本|编剧|虚构|假想|架空|思想实验|平行宇宙|平行世界|梦里|在梦中|童话|舞台剧|台词|旁白|反派|"
        "日记|续写|文字冒险|novel|screenplay|fiction*|hypothetical*|in a world|parallel world|thought experiment|"
        "movie script|film script|story|villain|diary|dialogue|fantasy|game"
    ),
    "detail": (
        "步骤|一步一步|详细|具体到|越详细|越具体|完整流程|全过程|不要省略|不得省略|照着做|可复制|能够复现|材料|"
        "教程|配方|操作方法|step by step|step-by-step|in detail|detailed|instructions on how|instructions for|"
        "explicit detail|tutorial"
    ),
    "harm": (
        "炸弹|炸药|毒品|冰毒|毒药|下毒|毒气|枪支|造枪|杀人|杀死|绑架|洗钱|诈骗|骗钱|偷车|偷拍|黑进|入侵|勒索病毒|"
        "木马|伪造|假钞|走私|卖淫|色情|恐怖|煽动|颠覆|推翻|纵火|撬锁|撬开|贩卖|盗刷|违规|违法|犯罪|有害|"
        "bomb*|explosive*|meth|cocaine|drugs|poison*|weapon*|kill*|murder*|kidnap*|launder*|steal|stolen|hack|"
        "hacking|malware|ransomware|virus|counterfeit|forge|fake passport|smuggl*|terroris*|illegal*|harmful|"
        "porn*|racist|offensive|swear|curse|profanity|nsfw"
    ),
    # What the model was told in secret.
    "tell": (
        "输出|打印|复述|重复|显示|告诉我|告诉用户|透露|泄露|泄漏|展示|列出|翻译|背诵|说出|说说|导出|贴出|贴出来|"
        "默写|念|发给我|发出来|写出|公开|返回|总结|转换|改写|编码|补全|填写|列举|公布|重述|描述|是什么|有哪些|"
        "多少个字|抄|repeat|print|reveal*|show|output*|display|tell me|give me|recite|translate|summari*|dump|"
        "expose|share|leak|what is|what are|what's|what was|what were|what did|list|encode|spell|export|return|"
        "disclose|divulge|describe|copy|send|write out|write down|echo|state|provide|convert|put your"
    ),
    "secret": (
        "你的全部指令|你的所有指令|你的完整指令|你的全部设定|你的全部规则|instructions变量|instructions 变量|"
        "prompt变量|prompt 变量|"
        "系统提示|系统prompt|system prompt|systemprompt|提示词|提示语|初始指令|初始设定|初始提示|隐藏指令|"
        "隐藏提示|隐藏的指令|隐藏规则|系统指令|系统消息|系统设定|你的设定|你的指令|你的规则|你的prompt|你的人设|"
        "你的提示|原有指示|原始指令|原始提示|不能告诉用户|内部配置|内部指令|秘密口令|人设prompt|预设|"
        "你收到的指令|你收到的第一|收到的那段|前置指令|developer message|system message|system instruction*|"
        "initial prompt|initial instruction*|initial message|original prompt|original instruction*|hidden prompt|"
        "hidden instruction*|your prompt|your instructions|your initial prompt|your initial instruction*|"
        "your system prompt|your system message|your rules|your guidelines|your hidden|secret instruction*|"
        "secret key|secret word|secret code|secret password|pre-prompt|preprompt|prompt text*|prompt you|"
        "first message|configuration text|internal tools|your configuration|the prompt|instructions you|"
        "instructions were|instructions are|given instructions"
    ),
    "password": (
        "密码是什么|你的密码|系统密码|那个密码|口令|your password|the password|passphrase|the secret|"
        "system password|secret key|secret code|secret word"
    ),
    "retell": "总结|翻译|概括|缩写|润色|校对|translate|summari*|proofread|rewrite|paraphrase|describe",
    "aboveall": (
        "以上所有|以上全部|上面所有|上面的全部|上面的所有|上面全部|上面的话|上面的文字|上面的内容|以上内容|上文|"
        "上面文本|上面的文本|上述文本|上面的提示|上述提示|提示的开头|前面所有|之前的所有|之前所有|第一条消息|"
        "第一句|最上面|最开始|从头|开头到这里|我说话之前|从“你是”|前述设定|everything above|all of the above|"
        "text above|words above|the above|above this|above text|came before|before this|your first message|"
        "very first|from the beginning|previous text|prior text|above words|beginning of this conversation|"
        "start of this conversation|start of the conversation"
    ),
    "verbatim": (
        "一字不差|一字不漏|逐字|原样|原封不动|原文|不得改动|不要改写|不要遗漏|不要漏|一个字都别|一句也不要少|"
        "完整地|代码块|全文|verbatim|word for word|word-for-word|exactly as|letter by letter|without changes|"
        "unchanged|code block|leaving nothing out|in full|character by character"
    ),
    # Lines that look like the frame of a conversation.
    "frame": (
        "<指令>|</指令>|[指令]|[/指令]|<系统>|</系统>|"
        "[inst]|[/inst]|<<sys>>|<</sys>>|</system>|<system>|</instructions>|<instructions>|</prompt>|### system|"
        "### instruction|###system|##system|[system]|[system override]|[system message]|[admin]|[developer]|"
        "\nsystem:|system message:|system override|end of prompt|end of user input|end of instructions|begin new|"
        'new session|"role":"system"|"role": "system"|\'role\': \'system\'|[系统消息]|[系统]|【系统|【管理员|'
        "系统消息:|系统指令:|系统公告|管理员通知|管理员指令|###系统|### 系统|##新指令|用户输入结束|提示结束|"
        "正式对话从这里|以下是系统指令|im_start>system|>system|im_end>|endoftext>"
    ),
    "split": (
        "拼接|拼起来|拼好|拼成|连起来|合起来|合成一句|组合起来|连成|a+b|a + b|x+y|x + y|part1|part2|part 1|"
        "第一段|上半句|变量x|变量a|还原成问题|打乱|分几次发|concatenat*|join them|join and|combine them|"
        "combine the|put together|put them together|unscramble|part one|two parts|let a|let x|b =|f(x)|x = |y = |"
        "z = "
    ),
    "answerit": (
        "回答|作答|执行|照做|照着做|完成它|实现|answer*|respond*|execute*|comply|follow it|do what it|act on|carry out"
    ),
    "codec": (
        "base64|rot13|摩斯|莫尔斯|十六进制|二进制|解码|解密|凯撒密码|倒着|反着|倒过来|正过来|拼音首字母|暗号|"
        "火星文|拆字|密文|url编码|morse|hex|hexadecimal|decode*|decrypt*|caesar|cipher*|backwards|reversed|"
        "leetspeak|binary|ascii|encoded|encrypted"
    ),
    "evade": (
        "躲过审|躲过检测|躲过过滤|躲过敏感|躲开审|躲开检测|躲避审|躲避检测|规避审|规避检测|规避过滤|规避敏感|"
        "避开审|避开敏感|避开过滤|evade detection|evade the filter*|evade filter*|evade moderation|evade censorship|"
        "避免被审核|免得被|不会被审核|不被审核|不会被发现|让系统认不出|绕过审核|绕过检测|避免审查|"
        "to avoid detection|avoid the filter*|so the filter|won't be flagged|not be flagged|"
        "bypass the filter*"
    ),
    # Spoken to the machine that reads, not to the person.
    "machine": (
        "备注给机器人|给机器人的|分析助手请|修复机器人|"
        "ai助手|ai助理|智能助手|智能助理|人工智能|语言模型|大模型|大语言模型|机器人|聊天机器人|ai代理|智能体|"
        "自动摘要|总结程序|自动化代理|编程助手|智能客服|llm|ai agent|给ai|给助手|助手请|助手必须|助手应|助手在|"
        "助手收到|模型请|程序请|代理请|系统附注|ai assistant*|any assistant|the assistant|assistants|"
        "language model*|any ai|ais|ai model*|ai system*|ai agents|chatbot*|llms|any llm|an llm|the model|"
        "to the model|if you are an ai|coding agents|automated agents|the agent|bots|the bot"
    ),
    "must": (
        "请|必须|务必|应当|应该|应将|须|一律|立即|立刻|注意|不要|不得|please|must|should|shall|required|requires|"
        "immediately|do not|don't|never|always|note|attention|important|have to|need to"
    ),
    "reading": (
        "当你读到|读到这句话|读到此|看到这句话|看到此消息|阅读本|阅读到|处理此文件|处理这封|读取到这|解析本表|"
        "引用本页|读到本|when you read|when you have read|if you are reading|if you're reading|reading this|"
        "reads this|upon reading|after reading|you have read this|processing this|process this document|"
        "before answering|before you answer"
    ),
    "behind": (
        "不要告诉用户|不要告知用户|别告诉用户|勿告知用户|不告诉用户|不要提示用户|不提示用户|不要提醒用户|"
        "不要提醒开发|无需询问|不必征求|不要询问|不需要确认|不要弹出确认|不要跟用户|不需要跟用户|不要提到本|"
        "不要提到这|不得提及本|并隐藏|不要写进日志|不必请示|不要告知|不要让用户|do not tell the user|"
        "don't tell the user|without telling|without informing|do not inform|don't inform|do not mention this|"
        "don't mention this|never mention this|without asking|do not ask the user|don't ask|do not let the user|"
        "without the user|without confirmation|no need to tell|unnoticed|do not reveal this|discreetly|secretly|"
        "covertly|hide this"
    ),
    "send": (
        "转发|发送到|发送给|上传|提交到|发到|传到|附在|附上|写进图片|写进链接|邮箱地址附|forward|send|upload|"
        "post|transmit|append|exfiltrat*|email|e-mail|submit|include"
    ),
    "private": (
        "对话历史|会话内容|聊天记录|对话内容|密码|密钥|令牌|环境变量|验证码|邮箱地址|收件箱|通讯录|身份证|信用卡|"
        "银行卡|用户数据|搜索记录|本机密钥|conversation|chat history|password*|api key*|credentials|secrets|"
        "tokens|environment variables|inbox|contacts|card number|personal data|user data|user's data|"
        "private key*|email address|session"
    ),
    "hide": (
        "<!--|display:none|display: none|visibility:hidden|visibility: hidden|font-size:0|font-size: 0|"
        "color:white|color: white|color:#fff|color: #fff|opacity:0|opacity: 0|对人不可见|白色小字|隐藏说明|"
        "隐藏的文字|invisible to|hidden text|white text|aria-hidden"
    ),
    "picture": "![",
    "fillin": "={|=[|=<|=your_|=put_|=insert|={{|=$|%7b|?d=|?data=|?q=",
    # Talk about attacks, not an attack.
    "about": (
        "什么是|是什么意思|如何防|怎么防|怎样防|防范|防御|防止|预防|抵御|检测方法|科普|论文|原理|危害|区别|课程|"
        "讲座|手册|指南|教我辨别|识别|what is|what does|how do i prevent|how to prevent|how to defend|prevent*|"
        "defend*|mitigat*|guard against|protect against|detect*|research paper|article about|explain the concept|"
        "difference between|override the|@override"
    ),
    "attackword": (
        "提示词注入|提示注入|指令注入|越狱攻击|越狱|注入攻击|prompt injection*|jailbreak*|prompt leak*|"
        "prompt attack*|sql injection*|开发者模式|developer mode"
    ),
    # Rules of whoever builds an assistant, and requests of people about such rules.
    "forbid": (
        "不得|不要|不能|不可|禁止|严禁|切勿|绝不|拒绝|不会|never|do not|don't|must not|may not|refuse*|decline*|"
        "cannot|can't|won't"
    ),
    "keeps": (
        "不得透露|不得泄露|不得公开|不要透露|不要泄露|不能透露|不能泄露|不可透露|不透露|不泄露|不公开|绝不透露|"
        "绝不泄露|严禁透露|禁止透露|never reveal*|never disclose*|never share*|never repeat*|never quote*|"
        "do not reveal|don't reveal|do not disclose|don't disclose|do not share|don't share|must not reveal|"
        "must not disclose|not to reveal|not to disclose|refuse to reveal"
    ),
    "ifasked": (
        "如果用户|若用户|当用户|用户要求|用户想让|用户试图|有人要求|有人问|被问到|被要求|遇到要求|谁要你|谁让你|"
        "if the user|if a user|when the user|when a user|if users|if someone|if anyone|if asked|when asked|users who|"
        "whoever asks|attempts to|tries to|try to|requests to"
    ),
    "within": (
        "文档中|文档里|资料中|资料里|网页中|网页里|邮件中|邮件里|正文里|材料里|检索到的|检索结果|工具返回|页面上的|"
        "用户输入中|文中的|附件里|in the document*|in retrieved|in the retrieved|in the context|in the passage*|"
        "in tool output*|in the page|in web pages|in the text|in the email*|in attachments|inside the|found in|"
        "that appear in|contained in|within the"
    ),
    "revise": (
        "润色|改写|修改|优化|翻译|检查|评审|审阅|点评|挑错|改进|精简|缩短|校对|完善|打分|对比|语病|错别字|review*|"
        "improve*|proofread|polish|translate|shorten|tighten|rewrite|critique|grade|compare|edit|fix the|typos|"
        "feedback"
    ),
    "prompt": "提示词|系统提示|人设|角色设定|这段设定|这份设定|prompt*|system message|persona|instructions for our",
    "harmless": (
        "错别字|标点|字数|篇幅|长度|预算|空行|空格|大小写|表头|格式|错字|语法|笔误|拼写|重复项|缺失值|异常值|"
        "注释|typo*|spelling|grammar|punctuation|header row|whitespace|capitali*|case|missing values|outliers|"
        "nulls|comments"
    ),
    "device": ("手机|安卓|电脑|浏览器|游戏机|路由器|usb|android|iphone|chrome|chromebook|phone|roku|firefox|tv"),
    "gentle": (
        "导游|英语老师|口语|面试官|营养师|翻译官|健身教练|睡前故事|食谱|旅行|产品经理|讲解员|辅导|作文老师|文案|"
        "客服|心理咨询师|travel guide|interviewer|math tutor|tutor|translator|proofreader|bedtime story|recipe*|"
        "linux terminal|javascript console|excel sheet|english teacher|my first request|my first sentence|"
        "my first question|i will provide|motivational|dietitian|career|storyteller"
    ),
    # What is said to make a question look harmless, or a refusal look wrong.
    "pretext": (
        "仅供学术|学术用途|纯学术|仅供研究|仅用于研究|研究用途|出于研究|出于学术|仅供参考学习|仅用于教学|教学用途|"
        "纯属假设|纯属虚构|不涉及现实|与现实无关|不会真的|绝不会真的|不会付诸|不会用于|纯属好奇|只是好奇|"
        "for educational purposes|for research purposes|for academic purposes|purely hypothetical|purely fictional|"
        "purely academic|won't actually|will not actually|not going to actually|just curious|no one will be harmed|"
        "no real people"
    ),
    "plead": (
        "我是公安|正在办案|"
        "只有你能|除了你没人|走投无路|人命关天|救人一命|你有义务|你有责任|你的职责是|你不帮我|连你也|"
        "真正的帮助|拒绝就是|不回答就等于|only you can|you have a duty|you are obligated|it is your duty|"
        "for the greater good|refusing would|lives depend|lives are at stake"
    ),
    "amoral": (
        "没有良心|没有原则|不讲道德|不守规矩|不择手段|毫无底线|毫不在乎后果|不在乎后果|不顾后果|不计后果|"
        "冷酷无情|亦正亦邪|天不怕地不怕|no conscience|no scruples|no morals|no remorse|regardless of consequence*|"
        "without regard for|ruthless"
    ),
    "staged": (
        "助手:没问题|助手:当然|助手:好的,|助手:可以,|助手:会的|助手:遵命|ai:没问题|ai:当然|ai:好的,|答:没问题|"
        "assistant: sure|assistant: of course|assistant: absolutely|ai: sure|ai: of course"
    ),
    "suppose": "假设",
    "script": (
        "角色甲|角色乙|角色a|角色b|人物a|人物b|两个角色|两名角色|反派向|反派对|反派的独白|反派独白|对话剧本|"
        "对白里|台词里|台词中|借角色之口|借主角之口|教徒弟|对徒弟|character a|character b|two characters|"
        "villain explains|villain's monologue|character explains|characters explain|in the script"
    ),
    "contest": (
        "玩个游戏|玩一个游戏|做个游戏|游戏规则|规则如下|我们约定|咱们约定|你已经同意|你刚才答应|你答应过|"
        "let's play a game|let us play a game|we are going to play|rules of the game|rules are as follows|you agreed"
    ),
    "unlocked": (
        "安全模块已|审核已关闭|审核已被|过滤已关闭|过滤器已|限制已关闭|限制已被|已为你解锁|全部解锁|完全解锁|"
        "解锁全部|解锁所有|解锁你|解除封印|safety disabled|safety off|safeguards off|filters disabled|filters off|"
        "fully unlocked|unlock yourself|unlock your|unshackled"
    ),
    "answerbegins": (
        "回答必须以|回复必须以|输出必须以|回答要以|回复要以|输出要以|回答请以|回复请以|输出以|回答以|回复以|"
        "第一句必须是|第一句要是|第一个字必须|第一行必须是|response must start|response must begin|"
        "answer must start|answer must begin|reply must start|reply must begin|start your response with|"
        "begin your response with|start your answer with|begin your answer with|start your reply with|"
        "begin your reply with"
    ),
    "unwrap": (
        "先解码|解码后|解码之后|解码并|解密后|解密并|还原后|还原出来|翻译后回答|翻译后直接|译成中文后|翻译成中文后|"
        "先翻译再|读懂后|用base64回答|用base64回复|用密文回答|用密文回复|用暗号回答|用暗号回复|decode and|"
        "decode it and|decode this and|decode the following and|decrypt and|decipher and|translate and answer|"
        "translate it and answer|answer in base64|reply in base64|respond in base64|answer in code|reply in code"
    ),
    # Orders in a text that say whom they are for, and what they are for.
    "addressed": (
        "仅供机器|供机器阅读|仅ai可见|只给ai看|只有ai|写给ai|写给大模型|写给模型|致ai|致大模型|给大模型|给语言模型|"
        "给审稿|审稿模型|审稿ai|评审ai|评审模型|筛选程序|筛选模型|阅读本文的ai|处理本文的|处理该邮件的|"
        "处理此邮件的|读取本页的|人类读者请|人类请忽略|note to ai|note to llm*|note to the ai|message to ai|"
        "for ai only|for ai models|for ai reviewers|ai reviewer*|ai screener*|instructions for ai|instruction to ai|"
        "instructions to ai|attention ai|dear ai|human readers|humans can ignore"
    ),
    "favour": (
        "给予好评|给出好评|只给好评|最高分|打满分|给满分|优先推荐|强烈推荐|判为合格|判定为合格|判定为通过|"
        "直接通过|标记为安全|标为安全|判定为安全|标记为正常|列为第一|排在第一|positive review|highest score|"
        "top score|full marks|strongly recommend|recommend this|best candidate|top candidate|mark as safe|"
        "mark this as|classify as safe|classify this as|rank first"
    ),
}
